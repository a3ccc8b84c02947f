using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Cli;

/// <summary>Shows a task live: a line per change, and on a terminal one refreshed line with phase, time, cost and the agent's step.</summary>
/// <param name="finder">Where to connect, again after the server came back on another port.</param>
/// <param name="output">How to answer.</param>
/// <param name="stream">True: with <c>--json</c> every fact is an answer. False: facts are talk, the caller answers once.</param>
/// <param name="from">Number of the fact after which it begins.</param>
internal sealed class Watcher(SiloFinder finder, Output output, bool stream, long from = 0)
{
    private static readonly TimeSpan AwayMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly TextWriter lines = output.Json ? Console.Error : Console.Out;

    private long after = from;
    private long? away;

    /// <summary>Watches until the task's turn has ended, it pauses, or it waits for a person; the snapshot then.</summary>
    public async Task<TaskSnapshot> WatchAsync(string taskId, CancellationToken cancellationToken)
    {
        using var live = new LiveLine();
        while (true)
        {
            try
            {
                if (await FollowAsync(taskId, live, cancellationToken) is { } rest)
                {
                    return rest;
                }
            }
            catch (OrchestratorException e) when (IsAway(e) && after > 0)
            {
                // The server restarts: silo.json will name its new port and token.
                away ??= TimeProvider.System.GetTimestamp();
                if (TimeProvider.System.GetElapsedTime(away.Value) > AwayMax)
                {
                    throw;
                }
            }
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private async Task<TaskSnapshot?> FollowAsync(
        string taskId,
        LiveLine live,
        CancellationToken cancellationToken
    )
    {
        using var client = finder.Connect();
        await foreach (var entry in client.StreamAsync(taskId, after, cancellationToken))
        {
            (after, away) = (entry.Sequence, null);
            Show(entry, live);
            if (MayRest(entry.Fact))
            {
                var snapshot = await client.GetAsync(taskId, cancellationToken);
                if (Rests(snapshot.Phase))
                {
                    return snapshot;
                }
            }
        }
        return null;
    }

    private static bool IsAway(OrchestratorException e) =>
        e.Failure is null or { Code: FailureCodes.Unauthorized or FailureCodes.Unavailable };

    private static bool MayRest(TaskFact fact) =>
        fact
            is TaskFact.Delivered
                or TaskFact.Failed
                or TaskFact.Cancelled
                or TaskFact.Paused
                or TaskFact.ApprovalAsked
                or TaskFact.PullRequestOpened
                or TaskFact.BranchPushed;

    private static bool Rests(TaskPhase phase) =>
        phase
            is TaskPhase.Done
                or TaskPhase.Failed
                or TaskPhase.Cancelled
                or TaskPhase.Paused
                or TaskPhase.AwaitingApproval
                or TaskPhase.InReview;

    private void Show(JournalEntry entry, LiveLine live)
    {
        live.Take(entry);
        if (output.Json && stream)
        {
            Console.Out.WriteLine(
                JsonSerializer.Serialize(entry, OrchestratorJson.Default.JournalEntry)
            );
        }
        else if (FactWords.Of(entry.Fact) is { } words)
        {
            live.Clear();
            lines.WriteLine(
                Output.Shown($"{Output.Paint($"{live.SecondsAt(entry.At), 6:0.0}s", 90)}  {words}")
            );
        }
    }
}

/// <summary>One line on the terminal that is written over; nothing where no person looks.</summary>
internal sealed class LiveLine : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly ITimer? timer;
    private DateTimeOffset? first;
    private TimeSpan offset;
    private string phase = "";
    private string step = "";
    private decimal costUsd;
    private long tokens;
    private bool shown;

    public LiveLine()
    {
        timer = Output.Live ? TimeProvider.System.CreateTimer(_ => Draw(), null, Beat, Beat) : null;
    }

    /// <summary>Seconds of the task's life at an instant.</summary>
    public double SecondsAt(DateTimeOffset at) => first is { } f ? (at - f).TotalSeconds : 0;

    /// <summary>Learns from a fact, and draws.</summary>
    public void Take(JournalEntry entry)
    {
        lock (gate)
        {
            if (first is null)
            {
                first = entry.At;
                // The server's clock may differ from ours: time is counted from what it said.
                offset = TimeProvider.System.GetUtcNow() - entry.At;
            }
            phase = FactWords.Phase(entry.Fact) ?? phase;
            switch (entry.Fact)
            {
                case TaskFact.Progressed p:
                    (step, tokens) = (p.Step.Text, p.Step.OutputTokens);
                    break;
                case TaskFact.RunEnded r:
                    costUsd += r.Result.Usage.CostUsd;
                    (step, tokens) = ("", 0);
                    break;
            }
        }
        if (timer is not null && entry.Fact is TaskFact.Progressed)
        {
            Draw();
        }
    }

    /// <summary>Takes the line away before something else is written.</summary>
    public void Clear()
    {
        lock (gate)
        {
            if (shown)
            {
                Console.Error.Write("\r\u001b[K");
                shown = false;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        timer?.Dispose();
        Clear();
    }

    private void Draw()
    {
        lock (gate)
        {
            if (first is not { } start)
            {
                return;
            }
            var seconds = Math.Max(
                0,
                (TimeProvider.System.GetUtcNow() - offset - start).TotalSeconds
            );
            var line =
                $"{seconds, 6:0}s  {phase}{(costUsd > 0 ? $"  ${costUsd:0.0000}" : "")}{(tokens > 0 ? $"  {tokens} tokens" : "")}{(step.Length > 0 ? "  " + Output.Shown(step).ReplaceLineEndings(" ") : "")}";
            var width = Math.Max(20, Console.WindowWidth - 1);
            Console.Error.Write("\r\u001b[K" + (line.Length > width ? line[..width] : line));
            shown = true;
        }
    }
}
