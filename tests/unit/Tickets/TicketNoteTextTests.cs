using Orchestrator.Decisions.Tasks;
using Orchestrator.Decisions.Tickets;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.UnitTests.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tickets;

public sealed class TicketNoteTextTests
{
    private const string Pull = "Pull request: https://github.com/o/n/pull/7\n";
    private const string Marker = "orchestrator:task=task_1;";

    public static TheoryData<string, string> Notes =>
        new()
        {
            { "begun", "Work on this ticket has begun.\n" },
            { "turn 2", "Work goes on, turn 2.\n" + Pull },
            { "in review", "The work passed its checks and is in review.\n" + Pull },
            {
                "done, to be committed",
                "The work is done and passed its checks. It waits in the task to be committed.\n"
            },
            { "done, with a pull request", "The work is done and passed its checks.\n" + Pull },
            { "merged", "The work is merged as 111111111111.\n" + Pull },
            { "merged as a short commit", "The work is merged as c0ffee.\n" + Pull },
            { "merged as twelve digits", "The work is merged as 0123456789ab.\n" + Pull },
            { "merged as thirteen digits", "The work is merged as 0123456789ab.\n" + Pull },
            { "closed", "The pull request was closed without a merge.\n" + Pull },
            { "failed", "The work failed.\n" + Pull + "Reason: It broke. Really.\n" },
            {
                "failed with words",
                "The work failed.\n"
                    + Pull
                    + "Reason: It broke. Really.\nThe agent said: I gave up.\n"
            },
            { "cancelled", "The work was cancelled.\n" + Pull },
        };

    [Theory]
    [MemberData(nameof(Notes))]
    public void A_note_says_where_the_work_is_in_these_words(string situation, string words) =>
        Assert.Equal(words + Marker, TicketNote.Of("task_1", StateOf(situation)).Text);

    [Fact]
    public void What_the_agent_said_is_told_only_when_the_work_has_ended()
    {
        var said = new RunResult { ResultText = " All\n good. " };
        Assert.Equal(
            "The work is done and passed its checks. It waits in the task to be committed.\nThe agent said: All good.\n"
                + Marker,
            TicketNote.Of("task_1", StateOf("done, to be committed") with { Result = said }).Text
        );
        Assert.Equal(
            "Work on this ticket has begun.\n" + Marker,
            TicketNote.Of("task_1", StateOf("begun") with { Result = said }).Text
        );
    }

    [Theory]
    [InlineData(1_499, 1_499)]
    [InlineData(1_500, 1_500)]
    [InlineData(1_501, 1_500)]
    public void Reason_and_words_have_at_most_1500_characters_each(int length, int kept) =>
        Assert.Equal(
            $"The work failed.\n{Pull}Reason: {new string('r', kept)}\nThe agent said: {new string('s', kept)}\n{Marker}",
            TicketNote
                .Of(
                    "task_1",
                    StateOf("failed") with
                    {
                        Failure = new Failure("agent_failed", new string('r', length)),
                        Result = new RunResult { ResultText = new string('s', length) },
                    }
                )
                .Text
        );

    public static TheoryData<string, TaskFact, bool> Facts =>
        new()
        {
            { "submitted", new TaskFact.Submitted(TaskSituations.Spec), true },
            { "turn started", new TaskFact.TurnStarted(2, "reply", "a", "m"), true },
            { "opened", new TaskFact.PullRequestOpened(DeliverySituations.There), true },
            { "merged", new TaskFact.Merged("c", "a"), true },
            { "closed", new TaskFact.PullRequestClosed("a"), true },
            { "delivered", new TaskFact.Delivered(1), true },
            {
                "failed",
                new TaskFact.Failed(new Failure("agent_failed", "x"), ErrorClass.Fatal),
                true
            },
            { "cancelled", new TaskFact.Cancelled("before_start"), true },
            { "paused", new TaskFact.Paused("x", null), false },
            { "resumed", new TaskFact.Resumed("a"), false },
            { "staged", new TaskFact.Staged(1, new GuardedDiff { Hash = "h" }), false },
            { "released", new TaskFact.Released(1), false },
            { "approved", new TaskFact.Approved("a", ""), false },
        };

    [Theory]
    [MemberData(nameof(Facts), DisableDiscoveryEnumeration = true)]
    public void A_ticket_has_news_after_a_beginning_a_pull_request_or_an_end(
        string name,
        TaskFact fact,
        bool concerns
    ) => Assert.Equal((name, concerns), (name, TicketNote.Concerns(fact)));

    [Theory]
    [InlineData("orchestrator:task=task_1;", true)]
    [InlineData("words\norchestrator:task=task_1;", true)]
    [InlineData(" words\n  orchestrator:task=task_1; \r\n\n", true)]
    [InlineData("orchestrator:task=task_1;\nwords", false)]
    [InlineData("words orchestrator:task=task_1;", false)]
    [InlineData("orchestrator:task=task_12;", false)]
    [InlineData("orchestrator:task=task_1", false)]
    [InlineData(" \n ", false)]
    public void A_comment_is_a_tasks_by_its_last_line(string comment, bool its) =>
        Assert.Equal(its, TicketNote.IsOf(comment, TicketNote.Marker("task_1")));

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("words")]
    public void No_marker_finds_no_comment(string comment) =>
        Assert.False(TicketNote.IsOf(comment, ""));

    private static TaskState StateOf(string situation) =>
        situation switch
        {
            "begun" => TaskSituations.RunningOf(DeliverySituations.Spec),
            "turn 2" => DeliverySituations.NextTurn,
            "in review" => DeliverySituations.InReview,
            "done, to be committed" => DeliverySituations.Owed with
            {
                Phase = TaskPhase.Done,
                Delivery = null,
                Result = new RunResult(),
            },
            "done, with a pull request" => Without(DeliverySituations.InReview, TaskPhase.Done),
            "merged" => Over(DeliverySituations.Head),
            "merged as a short commit" => Over("c0ffee"),
            "merged as twelve digits" => Over("0123456789ab"),
            "merged as thirteen digits" => Over("0123456789abc"),
            "closed" => Over(""),
            "failed" => Without(DeliverySituations.InReview, TaskPhase.Failed) with
            {
                Failure = new Failure("agent_failed", " It broke.\n Really. "),
            },
            "failed with words" => StateOf("failed") with
            {
                Result = new RunResult { ResultText = "I gave\n up." },
            },
            _ => Without(DeliverySituations.InReview, TaskPhase.Cancelled),
        };

    private static TaskState Without(TaskState state, TaskPhase phase) =>
        state with
        {
            Phase = phase,
            Result = new RunResult(),
        };

    private static TaskState Over(string commit) =>
        Without(DeliverySituations.InReview, TaskPhase.Done) with
        {
            Delivery = DeliverySituations.InReview.Delivery! with
            {
                Over = true,
                MergeCommit = commit,
            },
        };
}
