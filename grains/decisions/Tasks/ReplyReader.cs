using System.Globalization;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>Who sends a reply, and how.</summary>
/// <param name="Id">The reply's id, 1 to 128 characters.</param>
/// <param name="By">The requester's name.</param>
/// <param name="Channel">By which door.</param>
/// <param name="From">From where, or empty.</param>
public sealed record ReplySender(string Id, string By, string Channel, string From);

/// <summary>A reply at the door: every finding at once, each naming the member and the cure.</summary>
public static class ReplyReader
{
    private const int IdMax = 128;
    private const int ScriptMax = 1_000_000;

    /// <summary>The reply, or a failure that lists everything wrong.</summary>
    public static (Reply? Reply, Failure? Failure) Read(ReplyRequest request, ReplySender sender)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(sender);
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(request.Text))
        {
            problems.Add("text is empty: say in words what the next turn is to do");
        }
        if (request.Text?.Length > Reply.TextMax)
        {
            problems.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"text has {request.Text.Length} characters, the most allowed are {Reply.TextMax}: attach it as a file"
                )
            );
        }
        if (request.Script?.Length > ScriptMax)
        {
            problems.Add("script is longer than 1,000,000 characters");
        }
        else if (
            request.Script is { Length: > 0 } script
            && AgentScript.Read(script, out var problem) is null
        )
        {
            problems.Add("script: " + problem);
        }
        var kind = SubmissionReader.Kind(request.Type, problems);
        var priority = SubmissionReader.Priority(request.Priority, problems);
        CheckConstraints(request.Constraints, problems);
        CheckAttachments(request.Attachments, problems);
        if (sender.Id.Length is 0 or > IdMax)
        {
            problems.Add("the idempotency key must have 1 to 128 characters");
        }
        return problems.Count > 0
            ? (null, new Failure(FailureCodes.InvalidRequest, string.Join("; ", problems) + "."))
            : (
                new Reply
                {
                    Id = sender.Id,
                    Text = request.Text!,
                    By = sender.By,
                    Channel = sender.Channel,
                    From = sender.From,
                    Constraints = [.. (request.Constraints ?? []).Select(c => c.Trim())],
                    Kind = string.IsNullOrEmpty(request.Type) ? null : kind,
                    Priority = string.IsNullOrEmpty(request.Priority) ? null : priority,
                    Interrupt = request.Interrupt ?? false,
                    Attachments = Attached(request.Attachments),
                    Script = request.Script ?? "",
                },
                null
            );
    }

    /// <summary>The files that are named; what they hold is looked at where they lie.</summary>
    internal static IReadOnlyList<Attachment> Attached(IReadOnlyList<AttachedFile>? files) =>
        [
            .. (files ?? []).Select(f => new Attachment
            {
                Name = AttachmentRules.NameOf(f.Name ?? ""),
                Blob = f.Blob!,
            }),
        ];

    /// <summary>Adds what is wrong with constraints.</summary>
    internal static void CheckConstraints(IReadOnlyList<string>? constraints, List<string> problems)
    {
        if (
            (constraints?.Count ?? 0) > Reply.ConstraintsMax
            || (constraints ?? []).Any(c =>
                string.IsNullOrWhiteSpace(c) || c.Length > Reply.ConstraintMax
            )
        )
        {
            problems.Add(
                "constraints may have 20 entries of 1 to 1,000 characters each, none of them empty"
            );
        }
    }

    /// <summary>Adds what is wrong with attachments; what they hold is looked at where they lie.</summary>
    internal static void CheckAttachments(
        IReadOnlyList<AttachedFile>? attachments,
        List<string> problems
    )
    {
        if ((attachments?.Count ?? 0) > Reply.AttachmentsMax)
        {
            problems.Add("attachments may have 10 entries");
        }
        if (
            (attachments ?? []).Any(a =>
                a?.Blob is not { Length: 64 } blob || !blob.All(char.IsAsciiHexDigitLower)
            )
        )
        {
            problems.Add(
                "attachments must be what POST /v1/attachments answered: each with its blob, 64 hex digits"
            );
        }
    }
}
