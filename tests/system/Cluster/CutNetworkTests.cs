using System.Diagnostics;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Cluster;

/// <summary>
/// A host that the network cuts off, from the database and from the other silo, while it runs a task. The cluster lives in
/// a network namespace without any other network: the test starts itself again in there.
/// </summary>
public sealed class CutNetworkTests(ITestOutputHelper output)
{
    private const string Inside = "ORCHESTRATOR_TESTS_INSIDE";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(LongForm.Enabled ? 40 : 6);

    // The lease is 5 seconds long; what it runs is interrupted, terminated, killed.
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task What_a_host_that_was_cut_off_reports_later_is_refused_and_it_ends_its_run_by_itself()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess,
            "makes network namespaces: Linux and root"
        );
        if (Environment.GetEnvironmentVariable(Inside) == "1")
        {
            await PlayAsync();
            return;
        }
        var info = new ProcessStartInfo(
            "unshare",
            [
                "--net",
                "--",
                Environment.ProcessPath!,
                "--filter-class",
                "*." + nameof(CutNetworkTests),
                "--show-live-output",
                "on",
                "--results-directory",
                SiloProcess.NewFolder(),
            ]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment[Inside] = "1";
        using var inner = Process.Start(info)!;
        var said = await Task.WhenAll(
                inner.StandardOutput.ReadToEndAsync(),
                inner.StandardError.ReadToEndAsync()
            )
            .WaitAsync(Deadline);
        await inner.WaitForExitAsync().WaitAsync(Deadline);
        output.WriteLine(string.Concat(said));
        Assert.True(inner.ExitCode == 0, string.Concat(said));
        Assert.Contains("0 stale reports accepted", said[0], StringComparison.Ordinal);
    }

    private async Task PlayAsync()
    {
        await using var network = await PrivateNetwork.MakeAsync();
        var server = await PostgresServer.OwnAsync(PrivateNetwork.Here);
        var database = (await server.NewDatabaseAsync()).Replace(
            "127.0.0.1",
            PrivateNetwork.Here,
            StringComparison.Ordinal
        );
        await using var steady = Silo(database, AwayHostRounds.Steady, PrivateNetwork.Here);
        await steady.StartAsync();
        // A third member: of two, the one that comes back may vote out the other before it learns of its own end.
        await using var third = Silo(
            database,
            "c-third",
            PrivateNetwork.Here,
            "--Cluster:Roles=control"
        );
        await third.StartAsync();
        var there = Silo(database, AwayHostRounds.Away, PrivateNetwork.There);
        there.Program = await network.ProgramThereAsync(there.Program);
        await using var cut = await KeptSilo.StartAsync(there);
        await using var rounds = new AwayHostRounds(steady, cut, output);
        for (var round = 0; round < AwayHostRounds.Count; round++)
        {
            await rounds.PlayAsync(
                round,
                PrivateNetwork.CutAsync,
                GoneAsync,
                PrivateNetwork.MendAsync
            );
        }
        Assert.Equal("ok", await rounds.EndAsync());
    }

    // Nobody can tell the host that its run is over: it must know by its lease.
    private static async Task GoneAsync(string run)
    {
        using var limit = new CancellationTokenSource(EndsWithin, TimeProvider.System);
        while (ProcessHunter.OfRun(run) is { Count: > 0 } left)
        {
            Assert.False(
                limit.IsCancellationRequested,
                $"Run {run} lives on a host without a lease: {string.Join(", ", left)}"
            );
            await Task.Yield();
        }
    }

    private static SiloProcess Silo(
        string database,
        string host,
        string address,
        string roles = "--Cluster:Roles=control,runner"
    ) =>
        SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Cluster:ConnectionString=" + database,
            "--Cluster:SiloPort=0",
            "--Cluster:Address=" + address,
            "--Cluster:AllowPlaintext=true",
            "--Runner:Host=" + host,
            "--Runner:Slots=1",
            roles
        );
}
