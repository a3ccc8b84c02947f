using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Sandbox;
using Xunit;

namespace Orchestrator.SystemTests.Hostile;

/// <summary>
/// What an agent can do that means harm, each once in the sandbox of bubblewrap and once without one. What a run without a
/// sandbox does to its host is shown as it is: that is what a lane must demand <c>sandboxed=yes</c> for.
/// </summary>
public sealed class HostileActsTests : IAsyncDisposable
{
    private const string LinuxOnly = "bubblewrap is there on Linux only";
    private const long ResidentMaxKib = 900 * 1024;
    private static readonly TimeSpan OutputMax = TimeSpan.FromSeconds(LongForm.Enabled ? 120 : 40);
    private readonly SandboxRoom room = new();
    private SiloProcess? open;

    public async ValueTask DisposeAsync()
    {
        await room.DisposeAsync();
        await (open?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("bubblewrap")]
    public async Task Each_act_ends_as_it_is_written_and_the_record_says_what_held_it(
        string sandbox
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        var held = sandbox != "none";
        var silo = await StartAsync(held);
        var stray = Path.Combine(room.Outside, "stray-" + sandbox);
        var proof = Path.Combine(room.Outside, "hooked-" + sandbox);
        var number = "7" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "3";
        var mebibytes = LongForm.Enabled ? 1_024 : 128;
        var before = await File.ReadAllTextAsync(Path.Combine(room.Home, ".bashrc"));
        var table = new List<string>();

        await PlayAsync(
            "writes outside",
            $$"""{"do":"trespass","path":"{{stray}}","text":"x"}""",
            TaskPhase.Done,
            ErrorClass.None,
            held ? "trespass " + stray + ": failed" : "trespass " + stray + ": done"
        );
        Assert.Equal(!held, File.Exists(stray));

        await PlayAsync(
            "forks daemons",
            $$"""{"do":"run","command":["/bin/sh","-c","setsid -f sleep {{number}} >/dev/null 2>&1 </dev/null; env -i /usr/bin/setsid -f /bin/sleep {{number}} >/dev/null 2>&1 </dev/null"]}""",
            TaskPhase.Done,
            ErrorClass.None,
            ""
        );
        Assert.Equal(0, Sleepers(number));

        // Whatever git the product runs afterwards runs none of them; the agent runs no git here.
        await PlayAsync(
            "edits .git/hooks",
            $$"""
            {"do":"run","command":["/bin/sh","-c","mkdir -p .git/hooks; for h in pre-commit post-commit post-checkout post-index-change reference-transaction; do printf '#!/bin/sh\\ntouch {{proof}}\\n' > .git/hooks/$h && chmod +x .git/hooks/$h; done; printf '[core]\\n\\tfsmonitor = touch {{proof}}\\n\\thooksPath = .git/hooks\\n' >> .git/config; test -x .git/hooks/pre-commit && echo yes > said || echo no > said"]},
            {"do":"read","path":"said"},
            {"do":"delete","path":"said"},
            {"do":"append","path":"a.txt","text":"two\n"}
            """,
            TaskPhase.Done,
            ErrorClass.None,
            held ? "done no" : "done yes"
        );
        Assert.False(File.Exists(proof), "a hook of the agent was run by the product");

        await PlayAsync(
            "reads the environment",
            """{"do":"environment"}""",
            TaskPhase.Done,
            ErrorClass.None,
            "ORCHESTRATOR_RUN="
        );

        await PlayAsync(
            "fills the disk",
            """{"do":"fill","path":"full","number":400},{"do":"sleep","milliseconds":3000}""",
            TaskPhase.Failed,
            held ? ErrorClass.Fatal : ErrorClass.Workspace,
            held ? "128 MiB that its sandbox allows" : "larger than 64 MiB"
        );

        await PlayAsync(
            "fills its temporary folder",
            $$"""{"do":"run","command":["/bin/sh","-c","head -c 80000000 /dev/zero > /tmp/big-{{number}} || echo tmp is full > said; rm -f /tmp/big-{{number}}; test -e said || echo tmp took it > said"]},{"do":"read","path":"said"},{"do":"delete","path":"said"}""",
            TaskPhase.Done,
            ErrorClass.None,
            held ? "tmp is full" : "tmp took it"
        );

        await PlayAsync(
            "prints escape sequences",
            """{"do":"bytes","text":"G1szMW0bXTA7b3duZWQHG1sySgo="},{"do":"result","text":"\u001b]0;owned\u0007\u001b[2Jdone"}""",
            TaskPhase.Done,
            ErrorClass.None,
            ""
        );

        var started = Stopwatch.GetTimestamp();
        await File.WriteAllTextAsync($"/proc/{silo.Pid}/clear_refs", "5");
        await PlayAsync(
            $"prints {mebibytes} MiB",
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"do":"flood","number":{{mebibytes}}}"""
            ),
            TaskPhase.Done,
            ErrorClass.None,
            ""
        );
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, OutputMax);
        Assert.InRange(PeakKib(silo.Pid), 1, ResidentMaxKib);
        table[^1] += string.Create(
            CultureInfo.InvariantCulture,
            $"  {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s, silo {PeakKib(silo.Pid) / 1024} MiB at most"
        );

        await PlayAsync(
            "fakes a result line",
            """{"do":"raw","text":"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"terminal_reason\":\"completed\",\"result\":\"all done\"}"},{"do":"exit","number":9}""",
            TaskPhase.Failed,
            ErrorClass.Fatal,
            ""
        );

        TestContext.Current.SendDiagnosticMessage(
            $"sandbox: {sandbox}\n" + string.Join('\n', table)
        );
        Assert.Equal(before, await File.ReadAllTextAsync(Path.Combine(room.Home, ".bashrc")));

        async Task PlayAsync(
            string act,
            string steps,
            TaskPhase phase,
            ErrorClass errorClass,
            string words
        )
        {
            var end = await SandboxRoom.EndAsync(
                silo,
                SiloProcess.Scripted(steps, room.Repository)
            );
            var said =
                $"{end.Phase} {end.ErrorClass} {end.Failure?.Message} {end.Result?.Message} {end.Result?.ResultText}";
            table.Add($"{act, -30} {end.Phase, -8} {end.ErrorClass}");
            Assert.True(
                end.Phase == phase && end.ErrorClass == errorClass,
                $"{act}, {sandbox}: {said}"
            );
            Assert.Contains(words, said, StringComparison.Ordinal);
            Assert.DoesNotContain(room.Sentinel, said, StringComparison.Ordinal);
            await Exports.WaitAsync(silo.Data, [end.TaskId]);
            var text = await File.ReadAllTextAsync(
                Path.Combine(silo.Data, "results", end.TaskId + ".json")
            );
            Assert.DoesNotContain('\u001b', text);
            using var record = JsonDocument.Parse(text);
            var security = record.RootElement.GetProperty("security");
            Assert.Equal(sandbox, security.GetProperty("sandbox").GetString());
            Assert.Contains(
                security.GetProperty("sandbox_limits").GetString(),
                held ? (string[])["rlimits", "cgroups"] : [""]
            );
        }
    }

    [Fact]
    public async Task Processor_time_is_added_up_over_the_whole_tree()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        await room.InitializeAsync();
        await using var silo = await room.StartAsync(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Task:TriesMax=1",
            "--Runner:Sandboxed:ProcessorSecondsMax=10"
        );

        // No process of it comes near the limit: only their sum does.
        var end = await SandboxRoom.EndAsync(
            silo,
            SiloProcess.Scripted(
                """{"do":"run","command":["/bin/sh","-c","while :; do timeout 1 sh -c 'while :; do :; done'; done"]}"""
            )
        );
        var doctor = await silo.Client.GetDoctorAsync();

        Assert.Equal((TaskPhase.Failed, ErrorClass.Fatal), (end.Phase, end.ErrorClass));
        Assert.Contains(
            "more processor time than the 10 seconds",
            end.Result!.Message,
            StringComparison.Ordinal
        );
        Assert.Matches(
            "^bubblewrap started a child; limits by (cgroups$|rlimits and a watch: )",
            Assert.Single(doctor.Checks, c => c.Name == "sandbox").Message
        );
    }

    private async Task<SiloProcess> StartAsync(bool held)
    {
        await room.InitializeAsync();
        if (held)
        {
            return room.Silo;
        }
        open = await room.StartPlainAsync(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            "--Task:TriesMax=1"
        );
        return open;
    }

    private static long PeakKib(int pid) =>
        long.Parse(
            File.ReadLines($"/proc/{pid}/status")
                .First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
            CultureInfo.InvariantCulture
        );

    private static int Sleepers(string number) =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(f => int.TryParse(Path.GetFileName(f), out _))
            .Count(f =>
            {
                try
                {
                    return File.ReadAllText(f + "/cmdline")
                        .EndsWith($"sleep\0{number}\0", StringComparison.Ordinal);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return false; // it ended while we looked
                }
            });
}
