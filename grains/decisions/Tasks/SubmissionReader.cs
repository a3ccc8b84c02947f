using System.Text;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>A submission at the door: every finding at once, each naming the member and the cure.</summary>
public static class SubmissionReader
{
    /// <summary>Longest request, characters.</summary>
    public const int RequestMax = 200_000;

    private const int TitleMax = 200;
    private const int ContextMax = 200_000;
    private const int PathMax = 1_024;

    /// <summary>The spec, or a failure that lists everything wrong.</summary>
    public static (TaskSpec? Spec, Failure? Failure) Read(
        SubmitRequest request,
        string requester,
        string idempotencyKey
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(request.Request))
        {
            problems.Add("request is empty: say in words what is wanted");
        }
        Limit(problems, "request", request.Request, RequestMax);
        Limit(problems, "title", request.Title, TitleMax);
        Limit(problems, "context", request.Context, ContextMax);
        Limit(problems, "repository", request.Repository, PathMax);
        Limit(problems, "script", request.Script, 1_000_000);
        if (request.Id is not null && !IsId(request.Id))
        {
            problems.Add(
                $"id '{Cut(request.Id)}' must be 1 to {TaskIds.LengthMax} of A-Z a-z 0-9 . _ -, no dots alone, no name of a device, and not 'index'"
            );
        }
        if (
            request.BaseBranch is { Length: > 0 } branch
            && (branch.StartsWith('-') || branch.Any(char.IsWhiteSpace) || branch.Length > 250)
        )
        {
            problems.Add($"base_branch '{Cut(branch)}' is no name of a branch");
        }
        if (request.TimeoutSec is < 1 or > 86_400)
        {
            problems.Add("timeout_sec must be 1 to 86,400");
        }
        if (request.MaxTurns is < 1 or > 10_000)
        {
            problems.Add("max_turns must be 1 to 10,000");
        }
        if (request.WorkingDirectory is { Length: > 0 } folder && !IsRelative(folder))
        {
            problems.Add(
                $"working_directory '{Cut(folder)}' must be a relative path inside the repository"
            );
        }
        if (
            (request.TargetFiles?.Count ?? 0) > 200
            || (request.TargetFiles ?? []).Any(f => !IsRelative(f ?? ""))
        )
        {
            problems.Add("target_files must be at most 200 relative paths inside the repository");
        }
        if (
            (request.SuccessCriteria?.Count ?? 0) > 50
            || (request.Labels?.Count ?? 0) > 16
            || (request.Labels ?? []).Any(l => string.IsNullOrEmpty(l))
        )
        {
            problems.Add("success_criteria may have 50 entries, labels 16, none of them empty");
        }
        if (request.Remote is { Length: > 0 } remote)
        {
            if (RemoteRepository.Parse(remote) is null)
            {
                problems.Add(
                    $"remote '{Cut(remote)}' is no repository on a remote host; example: github:owner/name"
                );
            }
            else if (string.IsNullOrEmpty(request.Repository))
            {
                problems.Add("remote needs a repository: the clone that the agent works on");
            }
        }
        if (
            (request.Tickets?.Count ?? 0) > 20
            || (request.Tickets ?? []).Any(t => !IsTicket(t ?? ""))
        )
        {
            problems.Add("tickets may have 20 entries such as linear:ENG-1 or jira:ABC-1");
        }
        ReplyReader.CheckConstraints(request.Constraints, problems);
        ReplyReader.CheckAttachments(request.Attachments, problems);
        var kind = Kind(request.Type, problems);
        var priority = Priority(request.Priority, problems);
        if (
            request.Runner == "scripted"
            && request.Script is { Length: > 0 } script
            && AgentScript.Read(script, out var problem) is null
        )
        {
            problems.Add("script: " + problem);
        }
        if (problems.Count > 0)
        {
            return (
                null,
                new Failure(FailureCodes.InvalidRequest, string.Join("; ", problems) + ".")
            );
        }
        return (Make(request, kind, priority, requester, idempotencyKey), null);
    }

    /// <summary>True for 1 to 64 of <c>[A-Za-z0-9._-]</c>, not all dots, no reserved device name of Windows, not <c>index</c>: the exported artifacts' own list has that name.</summary>
    public static bool IsId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (
            id.Length is 0 or > TaskIds.LengthMax
            || id.All(c => c == '.')
            || id.EndsWith('.')
            || id == TaskIds.System
            || id.Equals("index", StringComparison.OrdinalIgnoreCase)
        )
        {
            return false;
        }
        var stem = id.Split('.')[0].ToUpperInvariant();
        var reserved =
            stem is "CON" or "PRN" or "AUX" or "NUL"
            || (
                stem.Length == 4
                && (
                    stem.StartsWith("COM", StringComparison.Ordinal)
                    || stem.StartsWith("LPT", StringComparison.Ordinal)
                )
                && char.IsAsciiDigit(stem[3])
            );
        return !reserved && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
    }

    /// <summary>True for a ticket with its system: <c>linear:ENG-1</c>, <c>jira:ABC-1</c>; at most 80 characters.</summary>
    public static bool IsTicket(string ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        var parts = ticket.Split(':');
        return ticket.Length <= 80
            && parts.Length == 2
            && parts[0].Length > 0
            && parts[0].All(char.IsAsciiLetterLower)
            && parts[1].Length > 0
            && parts[1].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
    }

    private static TaskSpec Make(
        SubmitRequest request,
        TaskKind kind,
        TaskPriority priority,
        string requester,
        string key
    ) =>
        new()
        {
            Request = request.Request!,
            Title = (request.Title ?? "").ReplaceLineEndings(" ").Trim(),
            Kind = kind,
            Priority = priority,
            Repository = request.Repository ?? "",
            Constraints = [.. (request.Constraints ?? []).Select(c => c.Trim())],
            Attachments = ReplyReader.Attached(request.Attachments),
            BaseBranch = request.BaseBranch ?? "",
            TargetFiles = request.TargetFiles ?? [],
            SuccessCriteria = request.SuccessCriteria ?? [],
            Context = request.Context ?? "",
            TimeoutSeconds = request.TimeoutSec ?? 0,
            AgentType = request.AgentType ?? "",
            Runner = request.Runner ?? "",
            Model = request.Model ?? "",
            Requester = requester,
            Source = request.Source is "cli" or "demo" ? request.Source : "http",
            Script = request.Script ?? "",
            WorkingDirectory = request.WorkingDirectory ?? "",
            MaxTurns = request.MaxTurns ?? 0,
            Labels = request.Labels ?? [],
            IdempotencyKey = key,
            Remote = request.Remote ?? "",
            Tickets = [.. (request.Tickets ?? []).Distinct(StringComparer.Ordinal)],
        };

    /// <summary>A kind by its name; an unknown one is a problem.</summary>
    internal static TaskKind Kind(string? type, List<string> problems)
    {
        switch (type)
        {
            case null or "":
                return TaskKind.Unknown;
            case "fix" or "bug_fix":
                return TaskKind.Fix;
            case "code_review":
                return TaskKind.CodeReview;
            case "summarize":
                return TaskKind.Summarize;
            case "analyze":
                return TaskKind.Analyze;
            case "documentation":
                return TaskKind.Documentation;
            default:
                problems.Add(
                    $"type '{Cut(type)}' is unknown; known: fix, bug_fix, code_review, summarize, analyze, documentation"
                );
                return TaskKind.Unknown;
        }
    }

    /// <summary>A lane of the queue by its name; an unknown one is a problem.</summary>
    internal static TaskPriority Priority(string? priority, List<string> problems)
    {
        switch (priority)
        {
            case null or "" or "medium":
                return TaskPriority.Medium;
            case "high":
                return TaskPriority.High;
            case "low":
                return TaskPriority.Low;
            default:
                problems.Add($"priority '{Cut(priority)}' is unknown; known: high, medium, low");
                return TaskPriority.Medium;
        }
    }

    /// <summary>True for a path of 1 to 1,024 characters that stays below the folder it is relative to.</summary>
    public static bool IsRelative(string path) =>
        path?.Length is > 0 and <= PathMax
        && path[0] is not ('/' or '\\' or '~')
        && !path.Contains(':', StringComparison.Ordinal)
        && !path.Contains('\0', StringComparison.Ordinal)
        && !path.Split('/', '\\').Contains("..");

    private static void Limit(List<string> problems, string name, string? text, int max)
    {
        if (text?.Length > max)
        {
            problems.Add($"{name} has {text.Length} characters; at most {max} are taken");
        }
    }

    private static string Cut(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
