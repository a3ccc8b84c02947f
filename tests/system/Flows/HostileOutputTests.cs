using System.Globalization;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>One silo for agents whose output is hostile.</summary>
public sealed class HostileRoom : IAsyncLifetime
{
    internal SiloProcess Silo { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Silo = await SiloProcess.StartAsync(
            "--Task:TriesMax=1",
            "--Task:SilenceMax=00:00:08",
            "--Runner:OutputBytesMax=8388608"
        );

    public ValueTask DisposeAsync() => Silo.DisposeAsync();
}

/// <summary>Whatever an agent writes, its task ends in a class, once, and the silo stays small.</summary>
public sealed class HostileOutputTests(HostileRoom room) : IClassFixture<HostileRoom>
{
    private const long ResidentMaxKib = 700 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(
        "not JSON",
        """{"do":"raw","text":"Segmentation fault <xml> {{{"}""",
        ErrorClass.None
    )]
    [InlineData(
        "ANSI codes",
        """{"do":"raw","text":"\u001b[31mred\u001b[0m\u0000\u0007"}""",
        ErrorClass.None
    )]
    [InlineData("invalid UTF-8", """{"do":"bytes","text":"//79IoD/Cg=="}""", ErrorClass.None)]
    [InlineData("20 MiB in a line", """{"do":"output","number":20971520}""", ErrorClass.None)]
    [InlineData("100 MB in a line", """{"do":"output","number":100000000}""", ErrorClass.None)]
    [InlineData(
        "a cut last line",
        """{"do":"bytes","text":"eyJ0eXBlIjoicmVzdWx0IiwiaXNfZXJy"},{"do":"no-result"}""",
        ErrorClass.StreamClosed
    )]
    [InlineData("no result line", """{"do":"no-result"}""", ErrorClass.StreamClosed)]
    [InlineData("exit without a word", """{"do":"exit","number":3}""", ErrorClass.StreamClosed)]
    [InlineData(
        "several results, the last is bad",
        """{"do":"raw","text":"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"terminal_reason\":\"completed\"}"},{"do":"result","text":"no","fields":{"is_error":true}}""",
        ErrorClass.Fatal
    )]
    [InlineData("a flood of stderr", """{"do":"stderr","number":64}""", ErrorClass.None)]
    [InlineData("a flood of stdout", """{"do":"flood","number":128}""", ErrorClass.None)]
    [InlineData("a crash", """{"do":"crash"}""", ErrorClass.Killed)]
    public async Task Hostile_output_ends_in_its_class_and_memory_stays_bounded(
        string what,
        string steps,
        ErrorClass expected
    )
    {
        var task = await room.Silo.Client.SubmitAsync(SiloProcess.Scripted(steps, type: "analyze"));
        using var limit = new CancellationTokenSource(Deadline);
        var end = await task.WaitAsync(limit.Token);

        Assert.True(
            end.ErrorClass == expected
                && end.Phase == (expected == ErrorClass.None ? TaskPhase.Done : TaskPhase.Failed),
            $"{what}: {end.Phase} {end.ErrorClass} {end.Failure?.Message}"
        );
        if (OperatingSystem.IsLinux())
        {
            Assert.InRange(PeakKib(room.Silo.Pid), 1, ResidentMaxKib);
        }
    }

    [Fact]
    public async Task D6_An_agent_that_speaks_is_not_ended_for_silence_and_a_silent_one_is()
    {
        // Speaks for longer than the silence limit, each pause shorter than it.
        var talk = string.Join(
            ",",
            Enumerable.Repeat(
                """{"do":"say","text":"still here"},{"do":"sleep","milliseconds":2500}""",
                5
            )
        );
        var speaking = await room.Silo.Client.SubmitAsync(
            SiloProcess.Scripted(talk, type: "analyze")
        );
        var silent = await room.Silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"bye"},{"do":"hang"}""", type: "analyze")
        );
        using var limit = new CancellationTokenSource(Deadline);

        Assert.Equal(TaskPhase.Done, (await speaking.WaitAsync(limit.Token)).Phase);
        Assert.Equal(ErrorClass.Timeout, (await silent.WaitAsync(limit.Token)).ErrorClass);
    }

    private static long PeakKib(int pid) =>
        long.Parse(
            File.ReadLines($"/proc/{pid}/status")
                .First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
            CultureInfo.InvariantCulture
        );
}
