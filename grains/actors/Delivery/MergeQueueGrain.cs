using Orchestrator.Decisions.Delivery;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Runners;
using Orchestrator.Grains.Storage;

namespace Orchestrator.Grains.Delivery;

/// <summary>Who merges next into a repository's branches. A lost row costs a place in the line, never a merge: what is merged is pinned and read anew.</summary>
[OnControlSilos]
public sealed class MergeQueueGrain(
    [PersistentState("merge-queue", GrainStorageNames.Orleans)]
        IPersistentState<MergeQueueGrain.Row> row,
    TimeProvider time
) : Grain, IMergeQueueGrain
{
    private const int OpenMax = 10_000;

    /// <summary>What is stored.</summary>
    [GenerateSerializer, Alias("orchestrator.merge-queue-row")]
    public sealed class Row
    {
        /// <summary>The queue.</summary>
        [Id(0)]
        public MergeQueueState Queue { get; set; } = new();
    }

    /// <inheritdoc />
    public async Task<MergeTurn> EnterAsync(
        string taskId,
        string baseBranch,
        TimeSpan silenceMax,
        CancellationToken cancellationToken
    )
    {
        var before = row.State.Queue;
        var line = MergeLine.Enter(before.Line, taskId, baseBranch, time.GetUtcNow(), silenceMax);
        // Being heard again is kept in memory: after a restart everybody has a whole silence from their last change.
        row.State.Queue = before with
        {
            Line = line,
        };
        if (!line.Select(p => p.TaskId).SequenceEqual(before.Line.Select(p => p.TaskId)))
        {
            await row.WriteStateAsync(cancellationToken);
        }
        var first = MergeLine.First(line, baseBranch);
        return new MergeTurn(
            first?.TaskId == taskId,
            first is null || first.TaskId == taskId ? "" : first.TaskId,
            before.StoppedBy
        );
    }

    /// <inheritdoc />
    public async Task LeaveAsync(string taskId, bool over, CancellationToken cancellationToken)
    {
        var before = row.State.Queue;
        var place = before.Line.FirstOrDefault(p => p.TaskId == taskId);
        var open = over ? [.. before.Open.Where(e => e.TaskId != taskId)] : before.Open;
        if (place is null && open.Count == before.Open.Count)
        {
            return;
        }
        var line = MergeLine.Leave(before.Line, taskId);
        row.State.Queue = before with { Line = line, Open = open };
        await row.WriteStateAsync(cancellationToken);
        if (place is not null && MergeLine.First(line, place.BaseBranch) is { } next)
        {
            GrainFactory
                .GetGrain<IPullRequestGrain>(next.TaskId)
                .LookAsync(CancellationToken.None)
                .Ignore();
        }
    }

    /// <inheritdoc />
    public async Task RegisterAsync(
        string taskId,
        int number,
        string branch,
        CancellationToken cancellationToken
    )
    {
        var before = row.State.Queue;
        var entry = new MergeEntry(taskId, number, branch);
        if (before.Open.Contains(entry))
        {
            return;
        }
        row.State.Queue = before with
        {
            Open = [.. before.Open.Where(e => e.TaskId != taskId).TakeLast(OpenMax - 1), entry],
        };
        await row.WriteStateAsync(cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> FindAsync(
        int number,
        string branch,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<string>>([
            .. row
                .State.Queue.Open.Where(e =>
                    (number > 0 && e.Number == number) || (branch.Length > 0 && e.Branch == branch)
                )
                .Select(e => e.TaskId),
        ]);

    /// <inheritdoc />
    public async Task<MergeQueueState> StopAsync(
        bool stopped,
        string by,
        CancellationToken cancellationToken
    )
    {
        var before = row.State.Queue;
        row.State.Queue = before with
        {
            StoppedBy = stopped ? by : "",
            StoppedAt = stopped ? time.GetUtcNow() : null,
        };
        try
        {
            await row.WriteStateAsync(cancellationToken);
        }
        catch
        {
            row.State.Queue = before;
            throw;
        }
        foreach (var place in stopped ? [] : row.State.Queue.Line)
        {
            GrainFactory
                .GetGrain<IPullRequestGrain>(place.TaskId)
                .LookAsync(CancellationToken.None)
                .Ignore();
        }
        return row.State.Queue;
    }

    /// <inheritdoc />
    public Task<MergeQueueState> GetState()
    {
        if (!row.RecordExists && row.State.Queue is { Line.Count: 0, Open.Count: 0 })
        {
            DeactivateOnIdle(); // whoever asks for what is not there leaves nothing behind
        }
        return Task.FromResult(row.State.Queue);
    }
}

/// <summary>Hints of hosts, told to the pull requests that they are about.</summary>
public sealed class ForgeEvents(IGrainFactory grains) : IForgeEvents
{
    /// <inheritdoc />
    public async Task<int> TellAsync(ForgeEvent told, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(told);
        var tasks = await grains
            .GetGrain<IMergeQueueGrain>(KeyOf(told.Repository))
            .FindAsync(told.Number, told.Branch, cancellationToken);
        foreach (var task in tasks)
        {
            await grains.GetGrain<IPullRequestGrain>(task).LookAsync(cancellationToken);
        }
        return tasks.Count;
    }

    /// <summary>The key of a repository's queue; hosts do not tell the case of names apart.</summary>
    public static string KeyOf(RemoteRepository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return $"{repository.Kind}:{repository.Name.ToLowerInvariant()}";
    }
}
