using CsCheck;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class ReplyVerdictTests
{
    private static readonly TaskLimits Limits = new() { RepliesWaitingMax = 3, ConstraintsMax = 4 };

    private static readonly string[] Acts =
    [
        "reply",
        "reply",
        "interrupt",
        "well",
        "badly",
        "stopped",
        "cancel",
        "retry",
    ];

    private static readonly Gen<Move[]> Lives = Gen.Select(
        Gen.Int[0, Acts.Length - 1],
        Gen.Int[1, 6],
        (act, reply) => new Move(Acts[act], reply)
    ).Array[1, 40];

    public sealed record Move(string Do, int Reply);

    [Fact]
    public void Every_accepted_reply_gets_one_turn_in_the_order_of_acceptance_or_is_withdrawn_by_a_cancel() =>
        Lives.Sample(steps =>
        {
            var facts = Play(steps);

            var accepted = facts.OfType<TaskFact.Replied>().Select(f => f.Reply.Id).ToList();
            var turned = facts
                .OfType<TaskFact.TurnStarted>()
                .Select(f => f.ReplyId)
                .Where(id => id.Length > 0)
                .ToList();
            Assert.Equal(accepted.Distinct(), accepted);
            Assert.Equal(turned.Distinct(), turned);
            Assert.Equal(turned, accepted.Where(turned.Contains));
            var marks = new List<SaidMark>();
            var turn = 1;
            foreach (var (fact, i) in facts.Select((f, i) => (f, i)))
            {
                turn = fact is TaskFact.TurnStarted t ? t.Turn : turn;
                Conversation.Note(marks, fact, i + 1, turn);
            }
            var waiting = facts.Aggregate(
                TaskState.Empty,
                (s, f) => s.After(f, TaskSituations.Now)
            );
            foreach (var mark in marks.Where(m => m.ReplyId.Length > 0))
            {
                // Exactly one of: had its turn, waits, was withdrawn.
                Assert.Equal(
                    1,
                    (mark.Turn > 0 ? 1 : 0)
                        + (mark.Withdrawn ? 1 : 0)
                        + (waiting.Replies.Any(r => r.Id == mark.ReplyId) ? 1 : 0)
                );
            }
            Assert.Equal(marks.TakeLast(TaskState.SaidKept), waiting.Said);
            Assert.False(waiting is { Rests: true, Replies.Count: > 0 });
        });

    [Fact]
    public void One_reply_more_than_may_wait_is_refused_with_a_time_to_try_again()
    {
        var state = TaskSituations.Named("Running");
        for (var n = 1; n <= Limits.RepliesWaitingMax; n++)
        {
            state = After(state, Tell(state, Reply(n)));
        }

        var refusal = Decide(state, Reply(9)).Refusal;

        Assert.Equal(FailureCodes.QueueFull, refusal?.Code);
        Assert.True(refusal!.RetryAfterSeconds > 0);
        Assert.Empty(Decide(state, Reply(1)).Facts);
        Assert.Null(Decide(state, Reply(1)).Refusal);
    }

    [Fact]
    public void Constraints_add_up_once_each_and_one_too_many_is_refused()
    {
        var state = TaskSituations.Named("Done");
        state = After(state, Tell(state, Reply(1) with { Constraints = ["a", "b"] }));

        var two = Decide(state, Reply(2) with { Constraints = ["b", "c", "d"] });
        var three = Decide(state, Reply(3) with { Constraints = ["c", "d", "e"] });

        Assert.Equal(["a", "b"], state.Constraints);
        Assert.Null(two.Refusal);
        Assert.Equal(FailureCodes.InvalidRequest, three.Refusal?.Code);
    }

    [Fact]
    public void What_a_reply_brings_counts_from_its_turn_on()
    {
        var running = TaskSituations.Named("Running");
        var reply = Reply(1) with
        {
            Priority = TaskPriority.High,
            Kind = TaskKind.Documentation,
            Constraints = ["a"],
            Script = "s",
        };
        var waiting = After(running, Tell(running, reply));
        var turned = After(
            waiting,
            TaskDecider
                .Decide(
                    waiting,
                    TaskSituations.Report(TaskSituations.End(waiting, ErrorClass.Fatal)),
                    Limits
                )
                .Facts
        );

        Assert.Equal(
            (TaskPriority.Medium, "", 0),
            (waiting.Priority, waiting.Script, waiting.Constraints.Count)
        );
        Assert.Equal(
            (TaskPriority.High, "s", "reply 1", "me", 2, TaskPhase.Mediating),
            (
                turned.Priority,
                turned.Script,
                turned.TurnMessage,
                turned.Speaker,
                turned.Turn,
                turned.Phase
            )
        );
        Assert.Equal(TaskKind.Documentation, turned.MediatedSpec.Kind);
        Assert.Equal(("failed", 1), (turned.Memory[^1].Outcome, turned.Memory[^1].Turn));
    }

    [Fact]
    public void A_turn_that_is_tried_again_has_the_words_of_the_last_one()
    {
        var state = TaskSituations.Named("Done");
        state = After(state, Tell(state, Reply(1)));
        state = After(state, [new TaskFact.Failed(new Failure("x", "y"), ErrorClass.Fatal)]);

        state = After(
            state,
            TaskDecider
                .Decide(state, new TaskInput.RetryAsked("me", TaskSituations.Now), Limits)
                .Facts
        );

        Assert.Equal(("reply 1", 3), (state.TurnMessage, state.Turn));
    }

    [Fact]
    public void Answers_to_questions_and_silence_alike_lead_back_to_the_mediator_with_what_holds()
    {
        var state = TaskSituations.Named("AwaitingApproval, questions");

        var answered = After(state, Tell(state, Reply(1) with { Text = "a.txt alone" }));
        var silent = After(
            state,
            TaskDecider.Decide(state, new TaskInput.Woke(state.Due!.Value), Limits).Facts
        );

        Assert.Equal(
            (TaskPhase.Mediating, 1, "Which file?\nAnswered: a.txt alone", 0),
            (answered.Phase, answered.Turn, answered.Clarified, answered.Replies.Count)
        );
        Assert.Equal(
            (TaskPhase.Mediating, "Which file? Assumed: All of them."),
            (silent.Phase, silent.Clarified)
        );
    }

    [Fact]
    public void A_fork_takes_the_turn_that_is_named_and_none_that_has_not_ended()
    {
        var done = TaskSituations.Named("Done");
        var spec = done.Spec! with { Constraints = ["a"] };
        TaskFact[] facts =
        [
            new TaskFact.Submitted(spec),
            new TaskFact.Delivered(1),
            new TaskFact.Replied(Reply(1)),
            new TaskFact.TurnStarted(2, "reply", "me", "") { ReplyId = "r1" },
        ];
        var entries = facts
            .Select((f, i) => new JournalEntry("t", i + 1, TaskSituations.Now, f, i + 1))
            .ToList();

        Assert.Equal(1, ForkReader.StateAfter(entries, null)?.Turn);
        Assert.Equal(1, ForkReader.StateAfter(entries, 1)?.Turn);
        Assert.Null(ForkReader.StateAfter(entries, 2));
        Assert.Null(ForkReader.StateAfter(entries, 3));
        var (fork, _) = ForkReader.Read(
            "t",
            ForkReader.StateAfter(entries, 1),
            new() { Request = "else", Constraints = ["b"] },
            "you",
            ""
        );
        Assert.Equal(("t", 1, "you"), (fork!.ParentTaskId, fork.ParentTurn, fork.Requester));
        Assert.Equal(["a", "b"], fork.Constraints);
        Assert.Equal(spec.Request, Assert.Single(fork.Earlier).Asked);
    }

    [Fact]
    public void Only_work_that_was_accepted_and_left_alone_counts_as_untouched()
    {
        var accepted = Work("p1", accepted: true);
        var refused = Work("p1", accepted: false);

        Assert.True(Left(accepted, "p1").WorkUntouched);
        Assert.False(Left(accepted, "p2").WorkUntouched);
        Assert.False(Left(refused, "p1").WorkUntouched);
        Assert.False(TaskState.Empty.WorkUntouched);

        static TaskState Left(TaskState state, string patch) =>
            After(
                state,
                [
                    new TaskFact.TurnStarted(2, "reply", "me", "why?"),
                    new TaskFact.RunEnded(2, Result(patch)),
                ]
            );
        static TaskState Work(string patch, bool accepted) =>
            After(
                TaskSituations.Named("Running"),
                [
                    new TaskFact.RunEnded(1, Result(patch)),
                    new TaskFact.Verified(1, TaskSituations.Green),
                    new TaskFact.Judged(1, new Judgement(accepted, "x", [])),
                ]
            );
        static RunResult Result(string patch) =>
            new()
            {
                Diff = new DiffSummary { PatchBlob = patch, FilesTotal = 1 },
            };
    }

    private static List<TaskFact> Play(Move[] steps)
    {
        List<TaskFact> facts =
        [
            new TaskFact.Submitted(TaskSituations.Named("Done").Spec!),
            new TaskFact.Screened(1, new(GrainInterfaces.Policy.Verdict.Allow, "r", "why")),
        ];
        var state = facts.Aggregate(TaskState.Empty, (s, f) => s.After(f, TaskSituations.Now));
        foreach (var step in steps)
        {
            state = Take(facts, state, Run(state));
            state = Take(facts, state, Input(state, step));
        }
        return facts;
    }

    // The turn gets as far as its agent.
    private static TaskInput? Run(TaskState state) =>
        state.Phase switch
        {
            TaskPhase.Mediating => TaskSituations.Report(
                new TaskReport.PlanMade(state.Turn, new() { Title = "p" })
            ),
            TaskPhase.Queued => new TaskInput.SlotOffered(
                new SlotOffer("h", 1, state.Turn),
                "s",
                TaskSituations.Now
            ),
            TaskPhase.Preparing => TaskSituations.Report(
                new TaskReport.AgentStarted(
                    state.Attempt,
                    state.Epoch,
                    new AgentInfo(1, "x", "1", "m", "l", "")
                )
            ),
            _ => null,
        };

    private static TaskInput Input(TaskState state, Move step) =>
        step.Do switch
        {
            "reply" => new TaskInput.Replied(Reply(step.Reply), TaskSituations.Now),
            "interrupt" => new TaskInput.Replied(
                Reply(step.Reply) with
                {
                    Interrupt = true,
                },
                TaskSituations.Now
            ),
            "cancel" => new TaskInput.CancelAsked("me", "", TaskSituations.Now),
            "retry" => new TaskInput.RetryAsked("me", TaskSituations.Now),
            "stopped" => TaskSituations.Report(TaskSituations.End(state, ErrorClass.Cancelled)),
            "badly" => TaskSituations.Report(TaskSituations.End(state, ErrorClass.Fatal)),
            _ when state.Phase == TaskPhase.Validating => TaskSituations.Report(
                new TaskReport.Verified(state.Attempt, state.Epoch, TaskSituations.Green)
            ),
            _ => TaskSituations.Report(TaskSituations.End(state, ErrorClass.None)),
        };

    private static TaskState Take(List<TaskFact> facts, TaskState state, TaskInput? told)
    {
        var decision = told is null
            ? TaskDecision.Nothing
            : TaskDecider.Decide(state, told, Limits);
        facts.AddRange(decision.Facts);
        return After(state, decision.Facts);
    }

    private static IReadOnlyList<TaskFact> Tell(TaskState state, Reply reply) =>
        Decide(state, reply).Facts;

    private static TaskDecision Decide(TaskState state, Reply reply) =>
        TaskDecider.Decide(state, new TaskInput.Replied(reply, TaskSituations.Now), Limits);

    private static TaskState After(TaskState state, IReadOnlyList<TaskFact> facts) =>
        facts.Aggregate(state, (s, f) => s.After(f, TaskSituations.Now));

    private static Reply Reply(int n) =>
        new()
        {
            Id = $"r{n}",
            Text = $"reply {n}",
            By = "me",
        };
}
