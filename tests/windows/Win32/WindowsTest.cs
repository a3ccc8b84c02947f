using Xunit;

namespace Orchestrator.WindowsTests.Win32;

/// <summary>A test of what only Windows, or Wine in its place, does.</summary>
public abstract class WindowsTest : IDisposable
{
    private readonly Lazy<string> folder = new(() =>
        Directory
            .CreateDirectory(
                Path.Combine(Path.GetTempPath(), "orc-" + Guid.NewGuid().ToString("N")[..12])
            )
            .FullName
    );

    /// <summary>The longest that a test waits for one event.</summary>
    protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    protected WindowsTest() =>
        Assert.SkipUnless(
            OperatingSystem.IsWindows(),
            "Only Windows shows this. On Linux run .ci/wine, which runs it on Wine."
        );

    /// <summary>A folder of the test's own.</summary>
    protected string Folder => folder.Value;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && folder.IsValueCreated)
        {
            Silo.Runners.FolderRemoval.Once(folder.Value);
        }
    }
}
