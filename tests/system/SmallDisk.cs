using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.SystemTests;

/// <summary>A disk of few mebibytes (tmpfs) that a test can fill, empty and make read-only. Linux, and root, who alone may mount.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string filler;

    private SmallDisk(string folder)
    {
        Folder = folder;
        filler = Path.Combine(folder, "filler");
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>True where such a disk can be made.</summary>
    public static bool CanBe => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    /// <summary>Makes one.</summary>
    public static async Task<SmallDisk> MountAsync(int mebibytes)
    {
        var folder = SiloProcess.NewFolder();
        var size = string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m");
        await RunAsync("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder);
        return new SmallDisk(folder);
    }

    /// <summary>Takes every byte that is free.</summary>
    public void Fill()
    {
        // Without a buffer of its own: what does not fit must not come back when it is closed.
        using var stream = new FileStream(
            filler,
            FileMode.Append,
            FileAccess.Write,
            FileShare.None,
            0
        );
        for (var size = 65_536; size > 0; )
        {
            try
            {
                stream.Write(new byte[size]);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    /// <summary>Gives them back.</summary>
    public void Free() => File.Delete(filler);

    /// <summary>Nothing can be written any more.</summary>
    public Task MakeReadOnlyAsync() => RunAsync("mount", "-o", "remount,ro", Folder);

    public async ValueTask DisposeAsync() => await RunAsync("umount", "-l", Folder);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true }
        )!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)}: {error}"
            );
        }
    }
}
