using System.Globalization;
using Orchestrator.Decisions.Delivery;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Delivery;

/// <summary>The body of a pull request, word for word: what is known stands in it, what is not known leaves no heading behind.</summary>
public sealed class PullRequestPageTests
{
    // Stands behind an @ that is not ours, so that nobody is mentioned.
    private const string Zero = "\u200b";

    private const string GoOn =
        "Ask for changes in a review, comment on a line, or write a comment with `@orchestrator`: each starts another turn of this task. `orchestrator explain t1` says where it is, `orchestrator retry t1` works on, `orchestrator cancel t1` stops.";

    private static readonly TaskState Bare = new()
    {
        Spec = new TaskSpec { Request = "Fix it" },
        Turn = 1,
    };

    private static readonly TaskState Rich = new()
    {
        Spec = new TaskSpec
        {
            Request = "Mend the pool:\r\n````\r\nfree(x)\r\n````\r\n",
            Tickets = ["linear:ENG-1", "jira:ABC_2"],
        },
        Turn = 2,
        Result = new RunResult
        {
            ResultText = "  I mended it.\r\n\r\n# Not a heading\n",
            AgentLabel = "scripted_agent, no AI",
            Diff = new DiffSummary
            {
                Files = [Change("src/a.cs"), Change("docs/a``b.md")],
                FilesTotal = 2,
                AddedLines = 12,
                DeletedLines = 3,
            },
        },
        Verification = new VerificationReport(
            "repository",
            [
                new CommandResult("make build", 0, 12.34, false, "nobody asks for this"),
                new CommandResult("make test | tee log", 2, 3, false, "it broke\r\nbadly\n"),
            ]
        ),
        Ruling = new PolicyRuling
        {
            Stage = "diff",
            Policy = "default@0f3a",
            Verdict = Verdict.NeedsApproval,
            Lane = new LaneRights { Name = "code_fix" },
            Rulings =
            [
                new Ruling(Verdict.Allow, "small", "Nothing to see."),
                new Ruling(Verdict.NeedsApproval, "big diff", "More than 100 lines.")
                {
                    Source = "policy.yaml:12",
                },
            ],
        },
        ApprovedBy = ["ann", "b_b"],
    };

    [Fact]
    public void A_body_holds_request_answer_files_checks_policy_tickets_and_the_way_on() =>
        Assert.Equal(
            $"""
            ### Request

            `````text
            Mend the pool:
            ````
            free(x)
            ````
            `````

            ### What was done

            scripted\_agent, no AI says:

            > I mended it.
            >
            > # Not a heading

            ### Files

            2 changed, +12 -3

            - ` src/a.cs `
            - ``` docs/a``b.md ```

            ### Checks

            | command | exit code | seconds |
            |---|---|---|
            | ` make build ` | 0 | 12.3 |
            | ` make test \| tee log ` | 2 | 3.0 |

            ```text
            it broke
            badly
            ```

            ### Policy

            default@{Zero}0f3a, lane code\_fix: people were asked.
            - big diff (policy.yaml:12): More than 100 lines.
            - approved by ann, b\_b

            ### Tickets

            - linear:ENG-1
            - jira:ABC\_2

            ### Go on

            {GoOn}

            <!-- orchestrator:task=t1 -->

            """,
            Body(Rich)
        );

    [Fact]
    public void What_is_not_known_has_no_heading()
    {
        const string Expected = $"""
            ### Request

            ```text
            Fix it
            ```

            ### Checks

            None were run.

            ### Policy

            No policy ruled on this work.

            ### Go on

            {GoOn}

            <!-- orchestrator:task=t1 -->

            """;

        Assert.Equal(Expected, Body(Bare));
        // An agent that said nothing and changed nothing.
        Assert.Equal(Expected, Body(Bare with { Result = new RunResult() }));
        Assert.Equal(
            Expected.Replace("Fix it", "", StringComparison.Ordinal),
            Body(Bare with { Spec = null })
        );
    }

    [Theory]
    [InlineData("Claude Code", "another", "Claude Code")]
    [InlineData("", "scripted agent, no AI", "scripted agent, no AI")]
    [InlineData("", "", "The agent")]
    [InlineData("", null, "The agent")]
    public void The_answer_is_said_by_whoever_gave_it(string result, string? agent, string name) =>
        Assert.Equal(
            $"{name} says:\n\n> Done.\n",
            Section(
                Bare with
                {
                    Result = new RunResult { ResultText = "Done.", AgentLabel = result },
                    Agent = agent is null ? null : new AgentInfo(1, "/x", "1", "m", agent, ""),
                },
                "What was done"
            )
        );

    [Theory]
    [InlineData(1, 1, "")]
    [InlineData(49, 49, "")]
    [InlineData(50, 50, "")]
    [InlineData(51, 50, "- and 1 more\n")]
    [InlineData(2_500, 50, "- and 2450 more\n")]
    public void The_first_files_are_named_and_the_others_counted(int total, int named, string rest)
    {
        var diff = new DiffSummary
        {
            // A summary holds 2,000 files and counts all.
            Files = [.. Enumerable.Range(1, Math.Min(total, 2_000)).Select(i => Change(Name(i)))],
            FilesTotal = total,
            AddedLines = 1_234,
        };

        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{total} changed, +1234 -0\n\n")
                + string.Concat(Enumerable.Range(1, named).Select(i => $"- ` {Name(i)} `\n"))
                + rest,
            Section(Bare with { Result = new RunResult { Diff = diff } }, "Files")
        );

        static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"src/{i}.cs");
    }

    [Fact]
    public void Checks_that_found_no_command_or_could_not_be_run_say_so()
    {
        Assert.Equal(
            "The repository names no verify command, and none was detected.\n",
            Checks(new VerificationReport("none", []))
        );
        Assert.Equal("The shell \\| is gone.\n", Checks(new("server", [], "The shell | is gone.")));
        // The problem comes before what ran until then.
        Assert.Equal("Disk full.\n", Checks(new("server", [Ran(0, false, "")], "Disk full.")));
    }

    [Theory]
    [InlineData(0, false, "passed", "0", false)]
    [InlineData(1, false, "it broke", "1", true)]
    [InlineData(1, false, "", "1", false)]
    [InlineData(0, false, "", "0", false)]
    [InlineData(-2, true, "it hung", "timed out", true)]
    [InlineData(-2, true, "", "timed out", false)]
    public void A_command_shows_how_it_ended_and_its_last_words_when_it_failed(
        int exitCode,
        bool timedOut,
        string output,
        string shown,
        bool words
    ) =>
        Assert.Equal(
            "| command | exit code | seconds |\n|---|---|---|\n"
                + $"| ` make test ` | {shown} | 1.5 |\n"
                + (words ? $"\n```text\n{output}\n```\n" : ""),
            Checks(new("repository", [Ran(exitCode, timedOut, output)]))
        );

    [Theory]
    [InlineData(Verdict.Allow, "allowed", "")]
    [InlineData(Verdict.Deny, "denied", "- r (p.yaml:1): Never.\n")]
    [InlineData(Verdict.NeedsApproval, "people were asked", "- r (p.yaml:1): Never.\n")]
    public void The_policys_word_stands_with_the_rules_that_object(
        Verdict verdict,
        string word,
        string rules
    ) =>
        Assert.Equal(
            $"strict: {word}.\n{rules}",
            Section(
                Bare with
                {
                    Ruling = new PolicyRuling
                    {
                        Stage = "diff",
                        Policy = "strict",
                        Verdict = verdict,
                        Rulings = [new Ruling(verdict, "r", "Never.") { Source = "p.yaml:1" }],
                    },
                },
                "Policy"
            )
        );

    [Theory]
    [InlineData("a|b", "a\\|b")]
    [InlineData("a`b", "a\\`b")]
    [InlineData("a*b", "a\\*b")]
    [InlineData("a_b", "a\\_b")]
    [InlineData("a[b", "a\\[b")]
    [InlineData("a]b", "a\\]b")]
    [InlineData("a<b", "a\\<b")]
    [InlineData("a>b", "a\\>b")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a#b", "a\\#b")]
    [InlineData("a~b", "a\\~b")]
    [InlineData("a@b", "a@\u200bb")]
    [InlineData(" a\r\n\t b ", "a b")]
    [InlineData("a-b.c:d(e)!", "a-b.c:d(e)!")]
    public void Nothing_in_a_line_of_somebody_elses_making_is_markup(string text, string shown) =>
        Assert.Equal(
            $"- {shown}\n",
            Section(Bare with { Spec = Bare.Spec! with { Tickets = [text] } }, "Tickets")
        );

    [Theory]
    [InlineData("a", "`")]
    [InlineData("a`b", "``")]
    [InlineData("a`b``c", "```")]
    [InlineData("a``b`c", "```")]
    [InlineData("a`b`c", "``")]
    public void A_name_in_code_has_a_longer_fence_than_any_in_it(string path, string fence) =>
        Assert.Equal(
            $"1 changed, +0 -0\n\n- {fence} {path} {fence}\n",
            Section(
                Bare with
                {
                    Result = new RunResult
                    {
                        Diff = new DiffSummary { Files = [Change(path)], FilesTotal = 1 },
                    },
                },
                "Files"
            )
        );

    [Theory]
    [InlineData("a", "```")]
    [InlineData("``", "```")]
    [InlineData("```", "````")]
    [InlineData("`````\n```", "``````")]
    public void A_block_has_a_fence_of_at_least_three_and_longer_than_any_in_it(
        string request,
        string fence
    ) =>
        Assert.Equal(
            $"{fence}text\n{request}\n{fence}\n",
            Section(Bare with { Spec = new TaskSpec { Request = request } }, "Request")
        );

    [Fact]
    public void A_body_of_sixty_thousand_characters_stays_and_of_one_more_is_cut_before_its_marker()
    {
        const string Marker = "\n<!-- orchestrator:task=t1 -->\n";
        var missing = 60_000 - Body(Long(1)).Length;
        // The last words of a command are shown up to 1,500.
        Assert.InRange(missing, 1, 1_498);

        var whole = Body(Long(1 + missing));
        var cut = Body(Long(2 + missing));

        Assert.Equal(60_000, whole.Length);
        Assert.EndsWith($"stops.\n{Marker}", whole, StringComparison.Ordinal);
        Assert.DoesNotContain("(cut)", whole, StringComparison.Ordinal);
        Assert.InRange(cut.Length, 59_900, 60_000);
        Assert.EndsWith($"\n\n(cut)\n{Marker}", cut, StringComparison.Ordinal);
        Assert.StartsWith(whole[..50_000], cut, StringComparison.Ordinal);
        Assert.DoesNotContain("(cut)", Body(Long(1)), StringComparison.Ordinal);

        // Twenty-one commands that failed with much to say, and one with so much.
        static TaskState Long(int last) =>
            Bare with
            {
                Spec = new TaskSpec { Request = new string('x', 19_990) },
                Result = new RunResult { ResultText = new string('y', 5_700) },
                Verification = new VerificationReport(
                    "repository",
                    [
                        .. Enumerable.Repeat(Ran(1, false, new string('z', 1_500)), 21),
                        Ran(1, false, new string('z', last)),
                    ]
                ),
            };
    }

    private static string Body(TaskState state) =>
        PullRequestText.Body("t1", state, "orchestrator");

    private static string Checks(VerificationReport report) =>
        Section(Bare with { Verification = report }, "Checks");

    // What stands below a heading, up to the next.
    private static string Section(TaskState state, string heading)
    {
        var body = Body(state);
        var start = $"### {heading}\n\n";
        var from = body.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return body[from..body.IndexOf("\n### ", from, StringComparison.Ordinal)];
    }

    private static CommandResult Ran(int exitCode, bool timedOut, string output) =>
        new("make test", exitCode, 1.5, timedOut, output);

    private static FileChange Change(string path) => new(path, "", "M", 1, 0, "100644", "100644");
}
