using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Decisions.Mediation;
using Orchestrator.Decisions.Observability;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Observability;

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
        TaskIds.Prefix + HashOf(requester, key)[..26];

    /// <summary>What one requester's idempotency key stands for, 64 hex digits.</summary>
    public static string HashOf(string requester, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(requester + "\n" + key)));

    /// <summary>The <c>traceparent</c> of a call; empty when it names none that can be read.</summary>
    public static string CallerOf(HttpContext context) =>
        TraceParent.Read(context.Request.Headers.TraceParent);

    /// <summary>Submits a task; 201 when it is new, 200 when it was there.</summary>
    public static async Task<IResult> SubmitAsync(
        IGrainFactory grains,
        string id,
        TaskSpec spec,
        CancellationToken token
    )
    {
        var answer = await grains.GetGrain<ITaskGrain>(id).SubmitAsync(spec, token);
        return answer.Failure is { } refusal
            ? ApiHosting.Problem(refusal)
            : new TracedAnswer(
                ApiHosting.Json(
                    new SubmitAnswer(answer.Snapshot!, answer.AlreadyThere),
                    OrchestratorJson.Compact.SubmitAnswer,
                    answer.AlreadyThere ? 200 : 201
                ),
                id,
                answer.Snapshot!.Turn
            );
    }

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
