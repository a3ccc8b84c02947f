using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

#pragma warning disable CA2000, CA2025 // a watcher holds nothing that outlives its test: it ends with the journal
namespace Orchestrator.SystemTests.Watching;

/// <summary>Many who watch, some who stand still: each sees every fact once and in order.</summary>
public sealed class FactFeedTests
{
    private const int Tasks = 50;

    // More than the feed keeps for those who fall behind.
    private const int FactsPerTask = 120;

    [Fact]
    public async Task Of_a_hundred_watchers_one_that_stands_still_holds_up_nobody_and_goes_on_without_a_gap()
    {
        using var journal = new WatchedJournal();
        await journal.AppendAsync("before", 0, 3);
        var watchers = Enumerable.Range(0, 100).Select(_ => journal.Watch()).ToList();
        foreach (var watcher in watchers)
        {
            await watcher.SeenAsync(3);
        }
        var stuck = watchers[50];
        stuck.Stick();

        await FillAsync(journal);

        long[] all = [.. Enumerable.Range(1, 3 + (Tasks * FactsPerTask)).Select(n => (long)n)];
        foreach (var watcher in watchers.Where(w => w != stuck))
        {
            await watcher.SeenAsync(all.Length);
            Assert.Equal(all, watcher.Ids);
        }
        Assert.InRange(stuck.Ids.Count, 3, 503);
        stuck.GoOn();
        await stuck.SeenAsync(all.Length);
        Assert.Equal(all, stuck.Ids);

        await Task.WhenAll(watchers.Select(w => w.LeaveAsync()));
    }

    [Fact]
    public async Task Who_watches_a_task_sees_its_facts_alone_whenever_they_came()
    {
        using var journal = new WatchedJournal();
        await journal.AppendAsync("task_07", 0, 10);
        var early = journal.Watch("task_07");
        var middle = journal.Watch("task_07", 10);
        await early.SeenAsync(10);

        await FillAsync(journal, except: 7);
        await journal.AppendAsync("task_07", 10, FactsPerTask);
        var late = journal.Watch("task_07", 20);

        foreach (
            var (watcher, from) in ((WatchedJournal.Watcher, int)[])
                [(early, 1), (middle, 11), (late, 21)]
        )
        {
            await watcher.SeenAsync(10 + FactsPerTask);
            Assert.Equal(
                Enumerable.Range(from, 10 + FactsPerTask - from + 1).Select(n => (long)n),
                watcher.Ids
            );
            await watcher.LeaveAsync();
        }
    }

    [Fact]
    public async Task Who_leaves_and_comes_again_with_the_last_id_misses_nothing_and_gets_nothing_twice()
    {
        using var journal = new WatchedJournal();
        var seen = new List<long>();
        var filling = FillAsync(journal);
        const int All = Tasks * FactsPerTask;
        while (seen.Count < All)
        {
            var last = seen.LastOrDefault();
            var watcher = journal.Watch(after: last);
            await watcher.SeenAsync(Math.Min(last + 301, All));
            await watcher.LeaveAsync();
            seen.AddRange(watcher.Ids);
        }
        await filling;

        Assert.Equal(Enumerable.Range(1, All).Select(n => (long)n), seen);
    }

    [Fact]
    public async Task A_brief_stream_says_which_fact_of_which_task_and_leaves_out_the_agent_s_steps()
    {
        using var journal = new WatchedJournal();
        var watcher = journal.Watch(brief: true);
        await journal.AppendAsync("one", 0, 1);
        await watcher.SeenAsync(1);
        await journal.AppendAsync(
            "one",
            1,
            2,
            new TaskFact.Progressed(1, new AgentStep("a", 1, 1))
        );
        await journal.AppendAsync("two", 0, 3, new TaskFact.Resumed("not to be told"));

        await watcher.SeenAsync(6);
        await watcher.LeaveAsync();

        // Three that come at once are one line.
        Assert.Matches(
            """^id: 1\ndata: {"task_id":"one","sequence":1,"at":"[0-9T:.+-]+"}\n\nid: 6\ndata: {"task_id":"two","sequence":3,"at":"[0-9T:.+-]+"}\n\n$""",
            watcher.Text
        );
    }

    [Fact]
    public async Task A_list_that_comes_late_or_stood_still_hears_of_the_last_change_alone()
    {
        using var journal = new WatchedJournal();
        await journal.AppendAsync("before", 0, 1);
        var stuck = journal.Watch(brief: true);
        await stuck.SeenAsync(1);
        stuck.Stick();
        // More than is kept at hand.
        await FillAsync(journal);
        const int Changes = 1 + (Tasks * FactsPerTask);
        await journal.AppendAsync(
            "before",
            1,
            100,
            new TaskFact.Progressed(1, new AgentStep("a", 1, 1))
        );

        // Once the feed has it all, so that what is old is found in the journal.
        using var lease = await journal.Feed.JoinAsync(CancellationToken.None);
        await lease.Window.BeyondAsync(Changes + 99, null).WaitAsync(TimeSpan.FromMinutes(2));
        var late = journal.Watch(brief: true);
        await late.SeenAsync(Changes);
        stuck.GoOn();
        await stuck.SeenAsync(Changes);

        Assert.Equal([Changes], late.Ids);
        // One line may have been under way while it stood still.
        Assert.InRange(stuck.Ids.Count, 2, 3);
        await late.LeaveAsync();
        await stuck.LeaveAsync();
    }

    [Fact]
    public async Task Streams_end_when_the_silo_is_told_to_stop()
    {
        using var journal = new WatchedJournal();
        await journal.AppendAsync("one", 0, 1);
        WatchedJournal.Watcher[] watchers = [journal.Watch(), journal.Watch("one")];
        foreach (var watcher in watchers)
        {
            await watcher.SeenAsync(1);
        }

        journal.StopApplication();

        await Task.WhenAll(watchers.Select(w => w.Ends)).WaitAsync(TimeSpan.FromSeconds(90));
    }

    private static Task FillAsync(WatchedJournal journal, int except = -1) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, Tasks).Where(t => t != except),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (t, _) =>
            {
                for (var n = 0; n < FactsPerTask; n += 4)
                {
                    await journal.AppendAsync($"task_{t:D2}", n, 4);
                }
            }
        );
}
