using System.CommandLine;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Cli;

/// <summary>What a failure code means and what helps. Works without a server.</summary>
internal static class ExplainErrorCommand
{
    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var code = new Argument<string>("code") { Description = "A code, such as queue_full." };
        var command = new Command("explain-error", "Say what a failure code means.") { code };
        command.SetAction(
            (p, _) =>
            {
                var wanted = p.GetValue(code)!.Trim().ToLowerInvariant();
                var (meaning, cure) = Of(wanted);
                if (meaning.Length == 0)
                {
                    throw new OrchestratorException(
                        new Failure(
                            FailureCodes.InvalidRequest,
                            $"'{wanted}' is no failure code. Known: {string.Join(", ", FailureCodes.All)}."
                        ),
                        ExitCodes.Usage
                    );
                }
                CommandLine
                    .Out(p)
                    .Answer(
                        new Dictionary<string, string>
                        {
                            ["code"] = wanted,
                            ["meaning"] = meaning,
                            ["cure"] = cure,
                        },
                        OrchestratorJson.Default.DictionaryStringString,
                        _ =>
                        {
                            Output.Line(meaning);
                            Output.Line("→ " + cure);
                        }
                    );
                return Task.FromResult(ExitCodes.Done);
            }
        );
        return command;
    }

    private static (string Meaning, string Cure) Of(string code) =>
        code switch
        {
            FailureCodes.InvalidRequest => (
                "The request is malformed: an unknown key, an empty or over-long text, a bad id.",
                "Read the message: it names the member. The shapes are in /v1/openapi.json."
            ),
            FailureCodes.NotFound => (
                "There is no such task, token or file.",
                "orchestrator list shows the tasks there are."
            ),
            FailureCodes.NotPossibleNow => (
                "The task's phase does not allow it now.",
                "orchestrator explain ID says where it is and what is possible."
            ),
            FailureCodes.Conflict => (
                "An idempotency key or id was used before with another content, or somebody else was first.",
                "Use a key of its own for each request; look at what is there, then ask again."
            ),
            FailureCodes.QueueFull => (
                "The queue is full; nothing was recorded.",
                "Ask again after the time that the answer names, or raise MAX_QUEUE_SIZE."
            ),
            FailureCodes.Throttled => (
                "Too many requests of one caller.",
                "Ask again after the time that the answer names."
            ),
            FailureCodes.Unauthorized => (
                "There is no token, or it is unknown or revoked.",
                "Set ORCHESTRATOR_TOKEN or --token; orchestrator token create NAME makes one."
            ),
            FailureCodes.TokenExpired => (
                "The token is right, and its time is over.",
                "Ask for a new one: orchestrator token create NAME --expires 30d."
            ),
            FailureCodes.Forbidden => (
                "The token's scopes do not allow it.",
                "orchestrator token create NAME --scope read submit operate makes one that may."
            ),
            FailureCodes.PolicyDenied => (
                "A rule denied it, or the work holds what must not leave.",
                "Read the message: it names the rule or the file."
            ),
            FailureCodes.NeedsApproval => (
                "People must approve it first, or the approval ran out.",
                "orchestrator explain ID says what is asked; orchestrator diff ID, then orchestrator approve ID."
            ),
            FailureCodes.RepositoryUnusable => (
                "The repository cannot be worked in: no repository, bare, no such branch, no commit.",
                "Name the folder of a clone with at least one commit."
            ),
            FailureCodes.PathOutsideRoot => (
                "A path lies outside the allowed roots.",
                "Move the repository, or add its root to Workspace:AllowedRoots."
            ),
            FailureCodes.RunnerUnavailable => (
                "No agent of the wanted kind can run on this host.",
                "orchestrator doctor says what is missing."
            ),
            FailureCodes.AgentAuth => (
                "The agent is not logged in, or its key is refused.",
                "Set ANTHROPIC_API_KEY for the server and restart it, then orchestrator retry ID."
            ),
            FailureCodes.AgentFailed => (
                "The agent ended badly.",
                "orchestrator show ID tells its last words; orchestrator retry ID starts another turn."
            ),
            FailureCodes.TimedOut => (
                "The run passed its wall clock or its silence limit.",
                "Give it more with --timeout SECONDS, or split the request."
            ),
            FailureCodes.CheckFailed => (
                "The agent stopped well, and the checks after it did not pass.",
                "orchestrator show ID names the check; orchestrator diff ID shows the work."
            ),
            FailureCodes.StorageFailed => (
                "The store refused a write: disk full, read-only, gone.",
                "orchestrator doctor looks at disk and database."
            ),
            FailureCodes.InvalidConfiguration => (
                "A setting is wrong.",
                "Read the message: it names the key and its range. All keys are in .env.example."
            ),
            FailureCodes.Unavailable => (
                "The server is starting, stopping or overloaded.",
                "Ask again in a moment."
            ),
            FailureCodes.Internal => (
                "A defect of the product, or a program it needs failed.",
                "Keep the message and logs/silo.log; orchestrator doctor may name the cause."
            ),
            _ => ("", ""),
        };
}
