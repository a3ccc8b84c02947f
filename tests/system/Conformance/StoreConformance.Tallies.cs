using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task The_counts_by_day_follow_the_facts_in_the_same_commit()
    {
        await using var store = await NewAsync();
        Assert.Null(await store.Stats.FirstTallyDayAsync(default));
        var result = new RunResult
        {
            Usage = new RunUsage(InputTokens: 10, OutputTokens: 5, CostUsd: 0.25m),
        };
        async Task EndAsync(string task, string requester, DateTimeOffset at, TaskFact end)
        {
            var head = Head(task, 1, TaskPhase.Queued) with
            {
                Kind = TaskKind.Fix,
                Requester = requester,
                Lane = "fast",
                CreatedAt = at.AddSeconds(-10),
                UpdatedAt = at.AddSeconds(-10),
            };
            await AppendAsync(store, task, 0, head, [new TaskFact.Resumed("x")], at: at);
            await AppendAsync(
                store,
                task,
                1,
                head with
                {
                    Phase = TaskPhase.Done,
                    Version = 3,
                    UpdatedAt = at,
                },
                [new TaskFact.RunEnded(1, result), end],
                at: at
            );
            // A refused one counts nothing.
            await AppendAsync(store, task, 1, head, [new TaskFact.Delivered(1)], at: at);
        }

        await EndAsync("a", "ann", At, new TaskFact.Delivered(1));
        await EndAsync("b", "bob", At, new TaskFact.Delivered(1));
        await EndAsync(
            "c",
            "ann",
            At,
            new TaskFact.Failed(new Failure("x", "y"), ErrorClass.Fatal)
        );
        await EndAsync("d", "ann", At.AddDays(2), new TaskFact.Delivered(1));

        var (day, sums) = (SpendingScopes.DayOf(At), new TallySums(store.Stats));
        Assert.Equal(day, await store.Stats.FirstTallyDayAsync(default));
        Assert.Equal((3L, 1L), await sums.OutcomesAsync(day, default));
        Assert.Equal((1L, 0L), await sums.OutcomesAsync(day + 1, default));
        Assert.Equal((4L, 0L), await sums.StartsAsync(day, TimeSpan.FromSeconds(11), default));
        Assert.Equal((0L, 4L), await sums.StartsAsync(day, TimeSpan.FromSeconds(9), default));
        var people = await sums.ReadAsync("requester", day, day + 2, default);
        Assert.Equal(
            [("ann", 3L, 2L, 1L, 0.75m), ("bob", 1L, 1L, 0L, 0.25m)],
            people.Lines.Select(l => (l.Name, l.Total, l.Success, l.Failed, l.CostUsd))
        );
        Assert.Equal([3L, 0L, 1L], people.Days.Select(d => d.Total));
        Assert.InRange(people.Durations.P50, 9.8, 10.2);
        Assert.InRange(people.Waiting.P95, 9.8, 10.2);
        Assert.Equal(
            [("fix", 4L)],
            (await sums.ReadAsync("type", day, day + 2, default)).Lines.Select(l =>
                (l.Name, l.Total)
            )
        );
        Assert.Equal(
            [("fast", 4L, 3L, 1L, 1m)],
            (await sums.ReadAsync("lane", day, day + 2, default)).Lines.Select(l =>
                (l.Name, l.Total, l.Success, l.Failed, l.CostUsd)
            )
        );
        Assert.Empty((await sums.ReadAsync("requester", day + 3, day + 2, default)).Lines);
    }
}
