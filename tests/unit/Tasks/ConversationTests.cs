using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

/// <summary>Which facts somebody's words stand in, in which turn, and as whose words they are shown.</summary>
public sealed class ConversationTests
{
    private static readonly DateTimeOffset Now = TaskSituations.Now;
    private static readonly Reply First = new()
    {
        Id = "r1",
        Text = "And now?",
        By = "bob",
        Channel = "telegram",
        Constraints = ["c"],
        Attachments = [new Attachment { Name = "n", Blob = "b" }],
    };

    [Fact]
    public void Words_are_counted_from_one_and_a_reply_has_its_turn_when_it_gets_it()
    {
        TaskFact[] facts =
        [
            new TaskFact.Submitted(TaskSituations.Spec),
            new TaskFact.Screened(1, new(GrainInterfaces.Policy.Verdict.Allow, "r", "")),
            new TaskFact.PlanMade(1, new Plan { Mode = MediationMode.Llama }),
            new TaskFact.PlanMade(1, new Plan { Mode = MediationMode.Fallback }),
            new TaskFact.ApprovalAsked("q", TaskPhase.Mediating, Now) { Questions = ["q"] },
            new TaskFact.ApprovalAsked("plan", TaskPhase.Queued, Now),
            new TaskFact.RunEnded(1, new RunResult { ResultText = "Done." }),
            new TaskFact.RunEnded(1, new RunResult()),
            new TaskFact.Replied(First),
            new TaskFact.Replied(First with { Id = "r2" }),
            new TaskFact.TurnStarted(2, "reply", "bob", "") { ReplyId = "r1" },
            new TaskFact.Approved("bob", "answered") { ReplyId = "r2" },
            new TaskFact.TurnStarted(3, "retry", "bob", ""),
        ];

        Assert.Equal(
            [
                new SaidMark(1, 1, 1),
                new SaidMark(2, 3, 1),
                new SaidMark(3, 5, 1),
                new SaidMark(4, 7, 1),
                new SaidMark(5, 9, 2, "r1"),
                new SaidMark(6, 10, 2, "r2"),
                new SaidMark(7, 13, 3),
            ],
            Marks(facts)
        );
    }

    [Fact]
    public void A_cancel_withdraws_what_waits_and_an_interruption_does_not()
    {
        var cancel = new TaskFact.CancelRequested("ann", "");
        TaskFact[] facts =
        [
            new TaskFact.Submitted(TaskSituations.Spec),
            new TaskFact.Replied(First),
            new TaskFact.TurnStarted(2, "reply", "bob", "") { ReplyId = "r1" },
            new TaskFact.Replied(First with { Id = "r2" }),
        ];

        Assert.Equal([false, false, true], Marks([.. facts, cancel]).Select(m => m.Withdrawn));
        Assert.DoesNotContain(
            Marks([.. facts, cancel with { KeepsReplies = true }]),
            m => m.Withdrawn
        );
    }

    [Fact]
    public void Each_entry_is_shown_as_the_words_of_who_said_them()
    {
        (TaskFact Fact, ConversationEntry Expected)[] table =
        [
            (
                new TaskFact.Submitted(
                    new TaskSpec
                    {
                        Request = "Fix it",
                        Requester = "ann",
                        Source = "cli",
                    }
                ),
                Said("user", "Fix it", "ann", "cli")
            ),
            (new TaskFact.Replied(First), Said("user", "And now?", "bob", "telegram")),
            (
                new TaskFact.TurnStarted(2, "feedback", "eve", "Change it"),
                Said("user", "Change it", "eve", "github")
            ),
            (new TaskFact.TurnStarted(2, "retry", "eve", ""), Said("user", "(retry)", "eve", "")),
            (
                new TaskFact.PlanMade(1, new Plan { Title = "Mend", Model = "small" }),
                Said("mediator", "Mend", "small", "")
            ),
            (
                new TaskFact.ApprovalAsked("q", TaskPhase.Mediating, Now)
                {
                    Questions = ["Which?", "When?"],
                    Assumptions = ["All."],
                },
                Said("mediator", "1. Which? (else: All.)\n2. When?", "", "")
            ),
            (
                new TaskFact.RunEnded(
                    1,
                    new RunResult { ResultText = "Done.", AgentLabel = "agent" }
                ),
                Said("agent", "Done.", "agent", "")
            ),
            (new TaskFact.Released(1), Said("", "", "", "")),
        ];

        foreach (var (fact, expected) in table)
        {
            var shown = Conversation.Entry(
                new JournalEntry("t", 4, Now, fact, 4),
                new SaidMark(3, 4, 2, "", true)
            );

            Assert.Equal(
                (3, 2, Now, true, expected.Role, expected.Text, expected.Author, expected.Channel),
                (
                    shown.Number,
                    shown.Turn,
                    shown.At,
                    shown.Withdrawn,
                    shown.Role,
                    shown.Text,
                    shown.Author,
                    shown.Channel
                )
            );
            Assert.Equal(fact is TaskFact.RunEnded ? "results/t.json" : "", shown.Artifact);
        }
        var reply = Conversation.Entry(
            new JournalEntry("t", 4, Now, new TaskFact.Replied(First), 4),
            new SaidMark(3, 4, 2)
        );
        Assert.Equal(
            (["n"], ["c"]),
            (reply.Attachments.ToArray(), reply.Constraints.ToArray()),
            Same
        );
    }

    [Theory]
    [InlineData("ann", "cli", 2, false, "7. turn 2: user ann by cli, 2026-01-02 03:04:05 UTC")]
    [InlineData("", "", 2, false, "7. turn 2: user, 2026-01-02 03:04:05 UTC")]
    [InlineData("ann", "", 0, false, "7. waiting: user ann, 2026-01-02 03:04:05 UTC")]
    [InlineData("ann", "", 0, true, "7. withdrawn: user ann, 2026-01-02 03:04:05 UTC")]
    public void A_heading_says_whether_the_words_had_their_turn(
        string author,
        string channel,
        int turn,
        bool withdrawn,
        string heading
    ) =>
        Assert.Equal(
            heading,
            ConversationText.Heading(
                new ConversationEntry
                {
                    Number = 7,
                    Turn = turn,
                    Role = "user",
                    Author = author,
                    Channel = channel,
                    At = Now,
                    Withdrawn = withdrawn,
                }
            )
        );

    [Fact]
    public void A_conversation_is_written_with_what_came_along_and_fences_longer_than_any_within() =>
        Assert.Equal(
            """
            # t

            ## 1. turn 1: user, 2026-01-02 03:04:05 UTC

            ```text
            Fix ``it``
            ```

            From now on: `no 'new' dependency at all`

            Attached: `n.txt`

            ## 2. turn 1: agent, 2026-01-02 03:04:05 UTC

            `````text
            ````
            `````

            Artifact: `results/t.json`

            """.ReplaceLineEndings("\n"),
            ConversationText.Markdown(
                "t",
                [
                    new ConversationEntry
                    {
                        Number = 1,
                        Turn = 1,
                        Role = "user",
                        At = Now,
                        Text = "Fix ``it``\r\n",
                        Constraints = ["no `new` dependency\nat all"],
                        Attachments = ["n.txt"],
                    },
                    new ConversationEntry
                    {
                        Number = 2,
                        Turn = 1,
                        Role = "agent",
                        At = Now,
                        Text = "````",
                        Artifact = "results/t.json",
                    },
                ]
            )
        );

    private static readonly IEqualityComparer<(string[], string[])> Same = EqualityComparer<(
        string[],
        string[]
    )>.Create((a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2));

    private static ConversationEntry Said(
        string role,
        string text,
        string author,
        string channel
    ) =>
        new()
        {
            Role = role,
            Text = text,
            Author = author,
            Channel = channel,
        };

    private static List<SaidMark> Marks(TaskFact[] facts)
    {
        var marks = new List<SaidMark>();
        var turn = 1;
        foreach (var (fact, i) in facts.Select((f, i) => (f, i)))
        {
            turn = fact is TaskFact.TurnStarted t ? t.Turn : turn;
            Conversation.Note(marks, fact, i + 1, turn);
        }
        return marks;
    }
}
