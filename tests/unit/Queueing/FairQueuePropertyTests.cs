using CsCheck;
using Orchestrator.Decisions.Queueing;
using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Queueing;

/// <summary>The queue against a plain list of who waits.</summary>
public sealed class FairQueuePropertyTests
{
    private const int Cases = 10_000;

    private static readonly Gen<(
        int What,
        int Task,
        int Lane,
        int Requester,
        int Repository
    )> Step = Gen.Select(
        Gen.Int[0, 4],
        Gen.Int[0, 20],
        Gen.Int[0, 2],
        Gen.Int[0, 2],
        Gen.Int[0, 1]
    );

    [Fact]
    public void Everybody_who_waits_is_served_exactly_once_and_nobody_else() =>
        Step.Array[1, 100]
            .Sample(
                steps =>
                {
                    var queue = new FairQueue();
                    var waiting = new HashSet<string>();
                    foreach (var (what, who, lane, requester, repository) in steps)
                    {
                        var ticket = Ticket(who, lane, requester, repository);
                        switch (what)
                        {
                            case 0 or 1:
                                Assert.Equal(waiting.Add(ticket.TaskId), queue.Add(ticket));
                                break;
                            case 2:
                                Assert.Equal(
                                    waiting.Remove(ticket.TaskId),
                                    queue.Remove(ticket.TaskId)
                                );
                                break;
                            default:
                                var taken = queue.Take([]);
                                Assert.Equal(waiting.Count == 0, taken is null);
                                Assert.True(taken is null || waiting.Remove(taken.TaskId));
                                break;
                        }
                        Assert.Equal(waiting.Count, queue.Count);
                        Assert.All(waiting, t => Assert.True(queue.Contains(t)));
                    }
                },
                iter: Cases
            );

    [Fact]
    public void A_higher_lane_is_passed_over_at_most_once_in_sixteen_and_the_lowest_never_starves() =>
        Step.Array[20, 120]
            .Sample(
                steps =>
                {
                    var queue = new FairQueue();
                    var waiting = new Dictionary<string, TaskPriority>();
                    var (picks, passed) = (0, -FairQueue.StarvationGuard);
                    foreach (var (what, who, lane, requester, repository) in steps)
                    {
                        var ticket = Ticket(who, lane, requester, repository);
                        if (what < 3 && queue.Add(ticket))
                        {
                            waiting.Add(ticket.TaskId, ticket.Priority);
                        }
                        if (what != 0 || queue.Take([]) is not { } taken)
                        {
                            continue;
                        }
                        picks++;
                        waiting.Remove(taken.TaskId);
                        if (waiting.Values.Any(p => p > taken.Priority))
                        {
                            Assert.True(picks - passed >= FairQueue.StarvationGuard);
                            passed = picks;
                        }
                        Assert.True(
                            picks % FairQueue.StarvationGuard != 0
                                || waiting.Values.All(p => p >= taken.Priority)
                        );
                    }
                },
                iter: Cases
            );

    [Fact]
    public void Requesters_who_wait_together_are_served_in_turns_whatever_they_brought() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 30], Gen.Int[0, 30])
            .Sample(
                (first, second, served) =>
                {
                    var queue = new FairQueue();
                    for (var i = 0; i < first; i++)
                    {
                        queue.Add(Ticket(i, 1, 0, i % 2));
                    }
                    for (var i = 0; i < second; i++)
                    {
                        queue.Add(Ticket(100 + i, 1, 1, 0));
                    }
                    var counts = new int[2];
                    for (var i = 0; i < served && queue.Take([]) is { } taken; i++)
                    {
                        counts[taken.Requester[^1] - '0']++;
                        var bothWaited = counts[0] < first && counts[1] < second;
                        Assert.True(!bothWaited || Math.Abs(counts[0] - counts[1]) <= 1);
                    }
                },
                iter: Cases
            );

    private static QueueTicket Ticket(int task, int lane, int requester, int repository) =>
        new(
            "t" + task,
            1,
            (TaskPriority)lane,
            "r" + requester,
            "/" + repository,
            DateTimeOffset.UnixEpoch,
            []
        );
}
