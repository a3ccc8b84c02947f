using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>Which replies are taken at the limits, what the refused ones are told, and what a reply stops.</summary>
public sealed class ReplyBoundsTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly TaskLimits Limits = new()
    {
        RepliesWaitingMax = 3,
        ConstraintsMax = 4,
        TurnsMax = 5,
    };

    [Fact]
    public void A_reply_under_an_id_that_had_other_words_is_refused_and_the_same_words_are_nothing_new()
    {
        var state = Tell(Named("Running"), Reply(1));

        AssertRefused(
            Decide(state, Reply(1) with { Text = "else" }),
            FailureCodes.Conflict,
            "A reply with this id or idempotency key was sent before with another content. Use a new key, or send the same content."
        );
        Assert.Equal(TaskDecision.Nothing, Decide(state, Reply(1)));
    }

    [Fact]
    public void Whatever_a_reply_brings_is_part_of_what_makes_it_the_same()
    {
        var reply = Reply(1) with
        {
            Constraints = ["a"],
            Attachments = [File(1)],
            Kind = TaskKind.Fix,
            Priority = TaskPriority.High,
            Script = "s",
        };
        var state = Tell(Named("Running"), reply);

        Assert.All(
            (Reply[])
                [
                    reply with
                    {
                        Constraints = ["b"],
                    },
                    reply with
                    {
                        Attachments = [File(2)],
                    },
                    reply with
                    {
                        Kind = TaskKind.Analyze,
                    },
                    reply with
                    {
                        Kind = null,
                    },
                    reply with
                    {
                        Priority = TaskPriority.Low,
                    },
                    reply with
                    {
                        Priority = null,
                    },
                    reply with
                    {
                        Script = "t",
                    },
                ],
            other => Assert.Equal(FailureCodes.Conflict, Decide(state, other).Refusal?.Code)
        );
        // Who sent it and by which door is no part of its content.
        Assert.Null(Decide(state, reply with { By = "you", Channel = "http" }).Refusal);
        Assert.Equal(16, ReplyMark.Of(reply).Hash.Length);
    }

    [Fact]
    public void The_last_turn_allowed_counts_those_that_wait_for_theirs()
    {
        var fourth = Named("Running") with { Turn = 4 };

        Assert.Null(Decide(fourth, Reply(1)).Refusal);
        AssertRefused(
            Decide(Tell(fourth, Reply(1)), Reply(2)),
            FailureCodes.NotPossibleNow,
            "The task has had 4 turns and has 1 waiting, the most allowed. Submit a new task, or fork this one."
        );
        Assert.NotNull(Decide(fourth with { Turn = 5 }, Reply(1)).Refusal);
    }

    [Fact]
    public void Replies_beyond_those_that_may_wait_are_told_to_come_again_in_a_minute()
    {
        var two = Tell(Tell(Named("Running"), Reply(1)), Reply(2));

        Assert.Null(Decide(two, Reply(3)).Refusal);
        var refusal = Decide(Tell(two, Reply(3)), Reply(4)).Refusal;
        Assert.Equal(
            new Failure(
                FailureCodes.QueueFull,
                "3 replies wait for their turn already, the most allowed. Send it again when some are answered.",
                "",
                60
            ),
            refusal
        );
    }

    [Fact]
    public void As_many_constraints_as_allowed_are_taken_with_those_that_wait()
    {
        var state = Tell(Named("Running"), Reply(1) with { Constraints = ["a", "b"] });

        Assert.Null(Decide(state, Reply(2) with { Constraints = ["c", "d"] }).Refusal);
        AssertRefused(
            Decide(state, Reply(2) with { Constraints = ["c", "d", "e"] }),
            FailureCodes.InvalidRequest,
            "The task would have 5 constraints, the most allowed are 4. Say it in the text instead."
        );
    }

    [Fact]
    public void A_constraint_that_the_task_has_already_counts_once()
    {
        var state = Tell(
            Named("Running") with
            {
                Constraints = ["a", "b"],
            },
            Reply(1) with
            {
                Constraints = ["b", "c"],
            }
        );

        Assert.Null(Decide(state, Reply(2) with { Constraints = ["a", "d"] }).Refusal);
        Assert.NotNull(Decide(state, Reply(2) with { Constraints = ["d", "e"] }).Refusal);
    }

    [Fact]
    public void What_records_nothing_starts_no_turn_of_a_reply_that_waits()
    {
        var state = Named("Done") with { Replies = [Reply(1)] };

        Assert.Equal(
            TaskDecision.Nothing,
            TaskDecider.Decide(state, new TaskInput.Woke(Now), Limits)
        );
    }

    [Fact]
    public void A_hundred_files_are_taken_with_those_the_task_has_and_those_that_wait()
    {
        var state = Tell(
            Named("Running") with
            {
                Attachments = [.. Enumerable.Range(1, 90).Select(File)],
            },
            Reply(1) with
            {
                Attachments = [.. Enumerable.Range(91, 6).Select(File)],
            }
        );

        Assert.Null(
            Decide(
                state,
                Reply(2) with
                {
                    Attachments = [.. Enumerable.Range(97, 4).Select(File)],
                }
            ).Refusal
        );
        AssertRefused(
            Decide(
                state,
                Reply(2) with
                {
                    Attachments = [.. Enumerable.Range(97, 5).Select(File)],
                }
            ),
            FailureCodes.InvalidRequest,
            "The task would have 101 attachments, the most allowed are 100."
        );
    }

    [Fact]
    public void While_a_diff_is_being_applied_nobody_changes_the_task() =>
        AssertRefused(
            Decide(Named("Done, diff being applied"), Reply(1)),
            FailureCodes.NotPossibleNow,
            "Cannot reply to a task that is Done. 'orchestrator explain' says what it waits for."
        );

    [Fact]
    public void An_interrupting_reply_stops_what_runs_and_keeps_the_replies_that_wait()
    {
        var urgent = Reply(2) with { Interrupt = true };
        var stop = new TaskFact.CancelRequested("me", "Interrupted by a reply.")
        {
            KeepsReplies = true,
        };

        Assert.Equal([new TaskFact.Replied(urgent), stop], Decide(Named("Running"), urgent).Facts);
        Assert.Equal(
            [
                new TaskFact.Replied(urgent),
                stop,
                new TaskFact.Cancelled("before_start"),
                Turn(2, urgent),
            ],
            Decide(Named("Queued"), urgent).Facts
        );
        Assert.Equal(
            [
                new TaskFact.Replied(urgent),
                stop,
                new TaskFact.Cancelled("during_execution"),
                Turn(2, urgent),
            ],
            Decide(Named("Paused"), urgent).Facts
        );
        // Nothing is there to stop, or it is stopped already.
        Assert.Equal(
            [new TaskFact.Replied(urgent), Turn(2, urgent)],
            Decide(Named("Done"), urgent).Facts
        );
        Assert.Equal(
            [new TaskFact.Replied(urgent)],
            Decide(Named("Running, cancelling"), urgent).Facts
        );
    }

    [Fact]
    public void A_reply_to_what_waits_for_a_person_is_the_next_turn_and_those_before_it_go_first()
    {
        var asked = Named("AwaitingApproval");
        var waiting = asked with { Replies = [Reply(1)] };

        Assert.Equal(
            [new TaskFact.Replied(Reply(2)), Turn(2, Reply(2))],
            Decide(asked, Reply(2)).Facts
        );
        Assert.Equal(
            [new TaskFact.Replied(Reply(2)), Turn(2, Reply(1))],
            Decide(waiting, Reply(2)).Facts
        );
    }

    [Fact]
    public void An_answer_to_the_mediator_s_questions_says_who_and_by_which_reply()
    {
        var answer = Reply(1) with { From = "chat 7" };

        Assert.Equal(
            [
                new TaskFact.Replied(answer),
                new TaskFact.Approved("me", "answered") { From = "chat 7", ReplyId = "r1" },
            ],
            Decide(Named("AwaitingApproval, questions"), answer).Facts
        );
    }

    [Fact]
    public void Somebody_else_s_task_is_changed_only_by_whom_the_policy_lets_work_in_its_repository()
    {
        var (policy, problems) = PolicyReader.Read(
            """
            version: 1
            name: team
            roles: {writer: [ann]}
            requesters:
              - roles: [writer]
            lanes:
              code: {types: [fix], write: direct}
            """,
            "policy.yaml"
        );
        Assert.Empty(problems);
        var state = TaskSituations.RunningOf(TaskSituations.Spec with { Requester = "eve" });
        TaskDecision By(string who) =>
            TaskDecider.Decide(
                state,
                new TaskInput.Replied(Reply(1) with { By = who }, Now) { Policy = policy },
                Limits
            );

        Assert.Equal(FailureCodes.PolicyDenied, By("mallory").Refusal?.Code);
        Assert.Empty(By("mallory").Facts);
        Assert.Null(By("ann").Refusal);
        // Their own task was let in when it was submitted.
        Assert.Null(By("eve").Refusal);
        // Without a policy everybody may who comes through a door.
        Assert.Null(Decide(state, Reply(1) with { By = "mallory" }).Refusal);
    }

    private static TaskFact.TurnStarted Turn(int turn, Reply reply) =>
        new(turn, "reply", reply.By, "") { ReplyId = reply.Id };

    private static void AssertRefused(TaskDecision decision, string code, string words)
    {
        Assert.Empty(decision.Facts);
        Assert.Equal((code, words), (decision.Refusal?.Code, decision.Refusal?.Message));
    }

    private static TaskState Named(string name) => TaskSituations.Named(name);

    private static TaskState Tell(TaskState state, Reply reply) =>
        TaskSituations.Fold(state, Decide(state, reply).Facts);

    private static TaskDecision Decide(TaskState state, Reply reply) =>
        TaskDecider.Decide(state, new TaskInput.Replied(reply, Now), Limits);

    private static Reply Reply(int n) =>
        new()
        {
            Id = $"r{n}",
            Text = $"reply {n}",
            By = "me",
        };

    private static Attachment File(int n) => new() { Name = $"{n}.txt", Blob = $"{n:x64}" };
}
