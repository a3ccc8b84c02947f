using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Orchestrator.Decisions.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;
using Xunit;

namespace Orchestrator.WindowsTests.Win32;

/// <summary>The sandbox <c>windows-restricted</c>: a token of lesser rights, folders marked for it, a job with limits.</summary>
[SupportedOSPlatform("windows")]
public sealed class RestrictedTests : WindowsTest
{
    private const int Low = 4096;
    private static readonly SandboxTerms Terms = new() { MemoryMiB = 2048, ProcessesMax = 64 };
    private readonly ProcessGroupStarter starter = new("windows-tests", TimeProvider.System);

    // Wine starts a child with such a token and then holds nothing of it: there the trial must say so, and no run is let in.
    private static bool Wine =>
        NativeLibrary.TryLoad("ntdll.dll", out var library)
        && NativeLibrary.TryGetExport(library, "wine_get_version", out _);

    [Fact]
    public async Task A_child_runs_with_lesser_rights_and_the_trial_says_whether_they_hold()
    {
        var order = Child.Order("token") with { Enclosure = new Enclosure([], Terms, [], []) };

        await using (var group = await starter.StartAsync(order))
        {
            using var reader = new StreamReader(group.StandardOutput);
            var told = await reader.ReadToEndAsync().WaitAsync(Deadline);

            Assert.Equal(0, await group.ExitCode.WaitAsync(Deadline));
            var (integrity, privileges) = told.TrimEnd().Split(' ') switch
            {
                [var level, var enabled] => (
                    int.Parse(level, CultureInfo.InvariantCulture),
                    int.Parse(enabled, CultureInfo.InvariantCulture)
                ),
                _ => throw new InvalidOperationException($"The child said: {told}"),
            };
            // The one that is left lets it pass through folders that it may not list.
            Assert.True(Wine || (integrity == Low && privileges <= 1), told);
        }

        var problem = WindowsTrial.Run(Terms, Folder);

        Assert.True(Wine ? problem.Length > 0 : problem.Length == 0, problem);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    protected override void Dispose(bool disposing)
    {
        starter.Dispose();
        base.Dispose(disposing);
    }
}
