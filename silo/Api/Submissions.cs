using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Intake;

namespace Orchestrator.Silo.Api;

/// <summary>What every door does with words that ask for work.</summary>
internal static class Submissions
{
    /// <summary>The phases' names, as they are written everywhere.</summary>
    public static IEnumerable<string> Phases =>
        Enum.GetNames<TaskPhase>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName);

    /// <summary>The spec of a request, or why it is none. A folder that the sentence names is worked in when the request names none.</summary>
    public static (TaskSpec? Spec, Failure? Failure) Read(
        SubmitRequest body,
        string requester,
        string key,
        TaskFolder folders
    )
    {
        if (
            string.IsNullOrEmpty(body.Repository)
            && body.WorkingDirectory is null
            && folders.OfSentence(SentenceFolder.Of(body.Request ?? "")) is { } named
        )
        {
            body = body with
            {
                Repository = named.Repository,
                WorkingDirectory = named.Below.Length > 0 ? named.Below : null,
            };
        }
        return SubmissionReader.Read(body, requester, key);
    }

    /// <summary>The id of the task that a requester's idempotency key makes.</summary>
    public static string IdOf(string requester, string key) =>
        TaskIds.Prefix
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(requester + "\n" + key)))[
            ..26
        ];

    /// <summary>A phase by its name; null = there is none.</summary>
    public static TaskPhase? PhaseOf(string name) =>
        name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && Enum.TryParse<TaskPhase>(
            name.Replace("_", "", StringComparison.Ordinal),
            ignoreCase: true,
            out var phase
        )
            ? phase
            : null;
}
