using System.IO.Compression;
using System.Text;
using Orchestrator.Decisions.Redaction;

namespace Orchestrator.Silo.Health.Support;

/// <summary>The files of a bundle: each redacted, each with a limit, and a list of them at the end.</summary>
internal sealed class BundleArchive(Stream output, Redactor redactor) : IDisposable
{
    /// <summary>Largest file, bytes before compression.</summary>
    public const int FileBytesMax = 4 * 1024 * 1024;

    /// <summary>Largest sum of files, bytes before compression.</summary>
    public const int BytesMax = 64 * 1024 * 1024;

    private readonly ZipArchive zip = new(output, ZipArchiveMode.Create, leaveOpen: true);
    private readonly StringBuilder list = new();
    private long bytes;

    /// <summary>Adds a text; what is over the limit is cut off its end, at a line.</summary>
    public void Add(string name, string text) => Write(name, redactor.Redact(text), cut: false);

    /// <summary>Adds the end of a file, from the beginning of a line; nothing when there is no such file.</summary>
    public void AddTail(string name, string path)
    {
        if (!File.Exists(path))
        {
            return;
        }
        try
        {
            using var stream = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            var cut = stream.Length > FileBytesMax;
            if (cut)
            {
                stream.Seek(-FileBytesMax, SeekOrigin.End);
            }
            var buffer = new byte[Math.Min(FileBytesMax, stream.Length)];
            var read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var text = Encoding.UTF8.GetString(buffer, 0, read);
            if (cut)
            {
                // Half a secret is not known as one: the half line goes.
                var line = text.IndexOf('\n', StringComparison.Ordinal);
                text = line < 0 ? "" : text[(line + 1)..];
            }
            Write(name, redactor.Redact(text), cut);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add(name + ".unreadable.txt", e.Message);
        }
    }

    /// <summary>Writes the list.</summary>
    public void Dispose()
    {
        using (var entry = zip.CreateEntry("MANIFEST.txt").Open())
        {
            entry.Write(Encoding.UTF8.GetBytes(list.ToString()));
        }
        zip.Dispose();
    }

    // The text is redacted as a whole before it is cut.
    private void Write(string name, string text, bool cut)
    {
        var content = Encoding.UTF8.GetBytes(text);
        var left = (int)Math.Min(FileBytesMax, BytesMax - bytes);
        if (content.Length > left)
        {
            var end = content.AsSpan(0, Math.Max(0, left)).LastIndexOf((byte)'\n') + 1;
            (content, cut) = (content[..end], true);
        }
        bytes += content.Length;
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        using (var stream = entry.Open())
        {
            stream.Write(content);
        }
        list.Append(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{content.Length, 10}  {name}{(cut ? "  (cut)" : "")}\n"
        );
    }
}
