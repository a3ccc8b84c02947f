using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Mediation;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Mediation;

public sealed class PromptWriterTests
{
    [Fact]
    public void The_agent_gets_everything_that_is_known_each_under_its_own_heading()
    {
        var state = TaskState.Empty with
        {
            Spec = new TaskSpec
            {
                Request = "Retry the connection",
                Context = "It fails on Mondays.",
                TargetFiles = ["src/db.cs", "src/net.cs"],
                SuccessCriteria = ["it retries"],
            },
            Plan = new Plan
            {
                Mode = MediationMode.Llama,
                Kind = TaskKind.Fix,
                TargetFiles = ["src/db.cs", "src/pool.cs"],
                SuccessCriteria = ["it retries", "it gives up in the end"],
                PriorSummary = "The cause is known.",
            },
            Feedback = "The tests were red.",
        };

        Assert.Equal(
            """
            Task from the orchestrator. The request between the marks is the user's own words.

            Change the files of this working directory until the request is met. Your changes are checked afterwards.

            <request>
            Retry the connection
            </request>

            Context given by the user:
            It fails on Mondays.

            Files named by the user:
            - src/db.cs
            - src/net.cs

            In the end this must hold:
            - it retries

            Hints of a local model, which may be wrong; the request rules:
            - file: src/pool.cs
            - check: it gives up in the end

            What was said and done before:
            The cause is known.

            The tests were red.

            """.ReplaceLineEndings("\n"),
            PromptWriter.Write(state)
        );
    }

    [Fact]
    public void What_was_asked_beforehand_and_what_an_earlier_run_left_are_said()
    {
        var state = TaskState.Empty with
        {
            Spec = new TaskSpec { Request = "Retry the connection" },
            Plan = new Plan { Kind = TaskKind.Fix },
            Clarified = "Which one? - The first.",
            PatchBlob = "blob",
        };

        Assert.Equal(
            """
            Task from the orchestrator. The request between the marks is the user's own words.

            Change the files of this working directory until the request is met. Your changes are checked afterwards.

            <request>
            Retry the connection
            </request>

            Asked beforehand:
            Which one? - The first.

            The working directory holds the changes of an earlier run of this task, which may be unfinished. Look at them first, and go on from there.

            """.ReplaceLineEndings("\n"),
            PromptWriter.Write(state)
        );
    }

    [Theory]
    [InlineData(
        TaskKind.Fix,
        "Change the files of this working directory until the request is met. Your changes are checked afterwards."
    )]
    [InlineData(
        TaskKind.Documentation,
        "Write or improve the documentation that the request asks for. Change nothing else."
    )]
    [InlineData(
        TaskKind.CodeReview,
        "Review what the request names and report your findings with file and line. Change no file."
    )]
    [InlineData(
        TaskKind.Summarize,
        "Read what the request names and summarize it. Change no file."
    )]
    [InlineData(TaskKind.Analyze, "Read what is needed and answer the request. Change no file.")]
    [InlineData(TaskKind.Unknown, "Read what is needed and answer the request. Change no file.")]
    public void With_nothing_but_a_request_the_agent_gets_its_role_and_the_request(
        TaskKind kind,
        string role
    )
    {
        var state = TaskState.Empty with
        {
            Spec = new TaskSpec { Request = "Look", Kind = kind },
        };

        Assert.Equal(
            $"""
            Task from the orchestrator. The request between the marks is the user's own words.

            {role}

            <request>
            Look
            </request>

            """.ReplaceLineEndings("\n"),
            PromptWriter.Write(state)
        );
    }

    [Fact]
    public void A_later_turn_asks_for_the_last_message_and_names_the_first_request_once_as_what_still_holds()
    {
        var prompt = PromptWriter.Write(
            TaskState.Empty with
            {
                Spec = new TaskSpec { Request = "Fix the login" },
                TurnMessage = "Now add a test",
            }
        );

        Assert.Contains(
            "<request>\nNow add a test\n</request>\n",
            prompt,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "<first_request>\nFix the login\n</first_request>\n",
            prompt,
            StringComparison.Ordinal
        );
        Assert.Equal(2, prompt.Split("Fix the login").Length);
    }

    [Fact]
    public void A_model_that_only_repeats_the_user_gives_no_hints()
    {
        var prompt = PromptWriter.Write(
            TaskState.Empty with
            {
                Spec = new TaskSpec
                {
                    Request = "Fix the login",
                    TargetFiles = ["a.cs"],
                    SuccessCriteria = ["green"],
                },
                Plan = new Plan
                {
                    Mode = MediationMode.Llama,
                    Kind = TaskKind.Fix,
                    TargetFiles = ["a.cs"],
                    SuccessCriteria = ["green", "As asked: Fix the login"],
                },
            }
        );

        Assert.EndsWith(
            "- a.cs\n\nIn the end this must hold:\n- green\n",
            prompt,
            StringComparison.Ordinal
        );
    }
}
