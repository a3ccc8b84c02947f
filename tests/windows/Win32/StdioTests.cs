using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Orchestrator.Silo.Runners.Processes;
using Xunit;

namespace Orchestrator.WindowsTests.Win32;

/// <summary>What is handed to a child and what comes back.</summary>
[SupportedOSPlatform("windows")]
public sealed class StdioTests : WindowsTest
{
    private const int OutputMax = 64 * 1024 * 1024;

    private readonly ProcessGroupStarter starter = new("windows-tests", TimeProvider.System);

    [Fact]
    public async Task A_child_reads_back_every_argument_as_it_was_given()
    {
        string[] arguments =
        [
            "plain",
            "two words",
            "",
            "say \"hi\"",
            @"C:\dir\",
            @"C:\my dir\",
            "a\\\"b",
            "\\\\\"",
            "tab\tand\nline",
            "%PATH% & echo x | more > y ^ z",
            "{\"key\":\"va l\\\\ue\"}",
            "Grüße 世界 🚀",
        ];

        var run = await CaptureAsync(Child.Order(["arguments", .. arguments]));

        Assert.Equal(arguments, JsonSerializer.Deserialize<string[]>(run.Text));
    }

    [Fact]
    public async Task Words_of_every_script_reach_a_child_and_come_back()
    {
        const string Words = "Grüße, Ελλάδα, 世界, עברית, 🚀\nsecond line";

        var run = await CaptureAsync(Child.Order("repeat"), Encoding.UTF8.GetBytes(Words));

        Assert.Equal((0, Words + "\n"), (run.ExitCode, run.Text));
    }

    [Fact]
    public async Task Much_output_on_both_pipes_at_once_is_read_whole()
    {
        const int MiB = 16;

        var run = await CaptureAsync(
            Child.Order("flood", MiB.ToString(System.Globalization.CultureInfo.InvariantCulture))
        );

        Assert.Equal(
            (0, MiB * 1024 * 1024, false),
            (run.ExitCode, run.Output.Length, run.Truncated)
        );
    }

    [Fact]
    public async Task A_command_over_its_time_is_ended()
    {
        var run = await starter.CaptureAsync(
            Child.Order("ready"),
            TimeSpan.FromSeconds(2),
            OutputMax,
            TimeProvider.System,
            CancellationToken.None
        );

        Assert.Equal((-2, true), (run.ExitCode, run.TimedOut));
    }

    [Fact]
    public async Task The_command_interpreter_gets_a_check_as_it_is_written()
    {
        var run = await CaptureAsync(
            new ProcessOrder(
                Path.Combine(Environment.SystemDirectory, "cmd.exe"),
                ["/d", "/s", "/c"],
                Folder,
                new Dictionary<string, string>(),
                "check",
                "\"echo \"one two\"&&echo three&&exit 3\""
            )
        );

        Assert.Equal(
            ["\"one two\"", "three"],
            run.Text.Split(
                '\n',
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            )
        );
        Assert.Equal(3, run.ExitCode);
    }

    [Fact]
    public async Task A_child_has_the_variables_it_is_given_and_none_of_the_products()
    {
        Environment.SetEnvironmentVariable("ORCHESTRATOR_TESTS_SECRET", "not for children");

        var run = await CaptureAsync(
            new ProcessOrder(
                Path.Combine(Environment.SystemDirectory, "cmd.exe"),
                ["/d", "/c", "set"],
                Folder,
                new Dictionary<string, string> { ["WORDS"] = "Grüße = 1" },
                "variables"
            )
        );

        Assert.Contains("ORCHESTRATOR_RUN=variables", run.Text, StringComparison.Ordinal);
        Assert.Contains("WORDS=", run.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("ORCHESTRATOR_TESTS_SECRET", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silent_children_hold_no_thread_that_others_wait_for()
    {
        const int Children = 8;
        var groups = new List<ProcessGroup>();
        ThreadPool.GetMaxThreads(out var most, out var ports);
        using var heard = new ManualResetEventSlim();
        try
        {
            for (var i = 0; i < Children; i++)
            {
                groups.Add(await starter.StartAsync(Child.Order("linger")));
            }
            // Fewer than the reads that wait, and no more are made however long they wait.
            Assert.True(
                ThreadPool.SetMaxThreads(Math.Max(Children, Environment.ProcessorCount), ports)
            );
            var reads = groups
                .SelectMany(g => new[] { g.StandardOutput, g.StandardError })
                .Select(pipe => pipe.ReadAsync(new byte[1]).AsTask())
                .ToList();

            // Whoever answers looks for the next work then, and a read that holds its thread would be found.
            for (var asked = 0; asked < reads.Count; asked++)
            {
                heard.Reset();
                ThreadPool.QueueUserWorkItem(_ => heard.Set());
                // Waited for on this thread: the clock of an asynchronous wait needs one of the pool, too.
                Assert.True(
                    heard.Wait(Deadline, TestContext.Current.CancellationToken),
                    $"{reads.Count} reads of silent children held the pool's threads for {Deadline}, after {asked} answers."
                );
            }
            Assert.DoesNotContain(reads, r => r.IsCompleted);
        }
        finally
        {
            ThreadPool.SetMaxThreads(most, ports);
            foreach (var group in groups)
            {
                await group.DisposeAsync();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        starter.Dispose();
        base.Dispose(disposing);
    }

    private Task<CapturedRun> CaptureAsync(
        ProcessOrder order,
        ReadOnlyMemory<byte> input = default
    ) =>
        starter.CaptureAsync(
            order,
            Deadline,
            OutputMax,
            TimeProvider.System,
            CancellationToken.None,
            input
        );
}
