using System.Text;

namespace Orchestrator.Silo.Redaction;

/// <summary>The texts below a path. Git's own folder, links, binary files and large ones are left out.</summary>
/// <param name="leftOut">Told what is too large or not readable, and why.</param>
internal sealed class ScanWalk(Action<string, string> leftOut)
{
    /// <summary>The largest file that is looked at, bytes.</summary>
    public const int BytesMax = 5 * 1024 * 1024;

    private const int BinaryLook = 8_000; // as far as git looks for a NUL

    private static readonly EnumerationOptions Here = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>A folder could not be read.</summary>
    public bool Unread { get; private set; }

    /// <summary>The files of a path in order of their names; the path itself when it is one.</summary>
    public IEnumerable<string> Files(string path)
    {
        if (File.Exists(path))
        {
            yield return path;
            yield break;
        }
        var folders = new Stack<string>([path]);
        while (folders.TryPop(out var folder))
        {
            foreach (var file in Entries(folder, Directory.EnumerateFiles))
            {
                yield return file;
            }
            foreach (
                var inner in Entries(folder, Directory.EnumerateDirectories)
                    .AsEnumerable()
                    .Reverse()
            )
            {
                folders.Push(inner);
            }
        }
    }

    /// <summary>A file's text, or nothing when it is binary or too large.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public string? Text(string file)
    {
        using var stream = File.OpenRead(file);
        if (stream.CanSeek && stream.Length > BytesMax)
        {
            leftOut(Shown(file), $"{stream.Length / 1024 / 1024} MiB, and at most 5 are looked at");
            return null;
        }
        var bytes = new byte[BytesMax];
        bytes = bytes[..stream.ReadAtLeast(bytes, BytesMax, throwOnEndOfStream: false)];
        // Windows' own programs write UTF-16, which is full of NULs.
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return (bytes[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(
                bytes.AsSpan(2)
            );
        }
        if (bytes.AsSpan(0, Math.Min(bytes.Length, BinaryLook)).Contains((byte)0))
        {
            return null;
        }
        return Encoding.UTF8.GetString(bytes.AsSpan(bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0));
    }

    /// <summary>A file's path as it is shown: without the folder that stands for "here".</summary>
    public static string Shown(string file) =>
        file.Length > 2 && file[0] == '.' && file[1] is '/' or '\\' ? file[2..] : file;

    private List<string> Entries(
        string folder,
        Func<string, string, EnumerationOptions, IEnumerable<string>> of
    )
    {
        try
        {
            return
            [
                .. of(folder, "*", Here)
                    .Where(e =>
                        !Path.GetFileName(e).Equals(".git", StringComparison.OrdinalIgnoreCase)
                    )
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Unread = true;
            leftOut(Shown(folder), "not readable: " + e.Message);
            return [];
        }
    }
}
