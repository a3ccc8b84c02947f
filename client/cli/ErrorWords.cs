using System.Text.Json;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Cli;

/// <summary>What each code means and what helps.</summary>
internal static class ErrorWords
{
    /// <summary>Every code, those of answers first, then the classes of a run's failure.</summary>
    public static IReadOnlyList<string> Codes { get; } =
    [
        .. FailureCodes
            .All.Concat(
                Enum.GetNames<ErrorClass>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)
            )
            .Distinct(),
    ];

    /// <summary>What a code means and what helps; both empty when there is no such code.</summary>
    public static (string Meaning, string Cure) Of(string code) =>
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
            // Classes of a run's failure: error_class in facts, artifacts and events.
            "none" => ("It ended well.", "Nothing is to be done."),
            "interactive" => (
                "The agent asked a question that nobody can answer.",
                "Say in the request what it asked, then orchestrator retry ID."
            ),
            "rate_limit" => (
                "The model's server wants fewer requests.",
                "It is tried again by itself; fewer slots (Runner:Slots) help when it is often so."
            ),
            "timeout" => (
                "The run passed its wall clock or was silent too long.",
                "Give it more with --timeout SECONDS, or split the request."
            ),
            "network" => (
                "The model's server could not be reached.",
                "It is tried again by itself; look at the network of the host."
            ),
            "auth" => (
                "The agent is not logged in, or its key is refused.",
                "Set ANTHROPIC_API_KEY for the server and restart it; orchestrator doctor --login tries it."
            ),
            "fatal" => (
                "It failed in a way that is no other class.",
                "orchestrator show ID tells its last words; orchestrator retry ID starts another turn."
            ),
            "usage_limit" => (
                "The account's usage window is spent.",
                "The task goes on by itself at the reset; orchestrator accounts shows when."
            ),
            "upstream_error" => (
                "The model's server has a fault or is overloaded.",
                "It is tried again by itself."
            ),
            "max_turns" => (
                "The agent used up its turns.",
                "Raise Runner:ClaudeCode:MaxTurns or the lane's limit, or split the request."
            ),
            "context_overflow" => (
                "The conversation or the prompt is too long for the model.",
                "Split the request; orchestrator fork ID begins without the long history."
            ),
            "session_lost" => (
                "The agent's session is not known any more.",
                "orchestrator retry ID begins a new one with what was said so far."
            ),
            "permission_block" => (
                "Tools that the task needs were denied.",
                "orchestrator show ID names them; allow them in the lane or in Runner:ClaudeCode:AllowedCommands."
            ),
            "stream_closed" => (
                "The agent ended without a result; files may be edited.",
                "Look at orchestrator diff ID, then orchestrator retry ID."
            ),
            "cancelled" => (
                "It was stopped on demand.",
                "orchestrator retry ID starts another turn."
            ),
            "billing" => (
                "The account has no credit.",
                "Add credit at the model's provider, then orchestrator retry ID."
            ),
            "budget" => (
                "The run's money limit was reached.",
                "Raise the limit in Budgets or the lane (orchestrator budgets), then orchestrator retry ID."
            ),
            "model_not_found" => (
                "The wanted model does not exist or is not allowed.",
                "Correct --model, the lane or Runner:ClaudeCode:Model."
            ),
            "refusal" => ("The model refused the request.", "Word the request differently."),
            "config" => (
                "The agent could not start with its flags, files or program.",
                "orchestrator doctor says what is missing."
            ),
            "killed" => (
                "The agent's process was killed from outside.",
                "Look whether the host ran out of memory; it is tried again by itself."
            ),
            "host_lost" => (
                "The host died or lost its lease while the run lived.",
                "It is tried again by itself, on another host when there is one; orchestrator hosts shows them."
            ),
            "workspace" => (
                "The worktree could not be prepared.",
                "orchestrator show ID names the cause; orchestrator doctor looks at git and disk."
            ),
            "policy_violation" => (
                "The work, or what the agent did, is against the policy.",
                "orchestrator explain ID names the rule; change the request or the policy."
            ),
            "command_asked" => (
                "The agent wants a command that a person must allow; the run ended before it.",
                "orchestrator explain ID shows it; orchestrator approve ID lets exactly it run, a reply says how to do without."
            ),
            _ => ("", ""),
        };
}
