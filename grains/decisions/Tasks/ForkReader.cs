using System.Globalization;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>A new task from an earlier one's turn: its words, its work so far and what it knew.</summary>
public static class ForkReader
{
    /// <summary>The parent as it was when a turn had ended.</summary>
    /// <param name="facts">The parent's facts, in order, from the first.</param>
    /// <param name="turn">The turn; null = the last one that has ended.</param>
    /// <returns>Null when that turn does not exist or has not ended.</returns>
    public static TaskState? StateAfter(IEnumerable<JournalEntry> facts, int? turn)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var state = TaskState.Empty;
        TaskState? found = null;
        foreach (var entry in facts)
        {
            state = state.After(entry.Fact, entry.At);
            if (state.Rests && (turn is null || state.Turn == turn))
            {
                found = state;
            }
            if (turn is { } wanted && state.Turn > wanted)
            {
                break;
            }
        }
        return found;
    }

    /// <summary>The new task's submission and what it takes over, or why not.</summary>
    /// <param name="parentId">The parent.</param>
    /// <param name="parent">As <see cref="StateAfter"/> found it.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="requester">Who wants it.</param>
    /// <param name="key">Their idempotency key, or empty.</param>
    public static (TaskSpec? Spec, Failure? Failure) Read(
        string parentId,
        TaskState? parent,
        ForkRequest request,
        string requester,
        string key
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        if (parent?.Spec is not { } old)
        {
            return (
                null,
                new Failure(
                    FailureCodes.NotPossibleNow,
                    request.Turn is { } n
                        ? string.Create(
                            CultureInfo.InvariantCulture,
                            $"Turn {n} of {parentId} does not exist or has not ended. 'orchestrator show {parentId} --conversation' shows its turns."
                        )
                        : $"No turn of {parentId} has ended yet. Wait for one, or submit a new task."
                )
            );
        }
        var (spec, failure) = SubmissionReader.Read(
            new SubmitRequest
            {
                Request = request.Request,
                Id = request.Id,
                Type = request.Type,
                Priority = request.Priority ?? parent.Priority.ToString().ToLowerInvariant(),
                Repository = old.Repository,
                BaseBranch = old.BaseBranch.Length > 0 ? old.BaseBranch : null,
                TimeoutSec = old.TimeoutSeconds > 0 ? old.TimeoutSeconds : null,
                AgentType = string.IsNullOrEmpty(request.Type) ? old.AgentType : null,
                Runner = old.Runner,
                Model = old.Model,
                Script = request.Script ?? "",
                WorkingDirectory = old.WorkingDirectory.Length > 0 ? old.WorkingDirectory : null,
                MaxTurns = old.MaxTurns > 0 ? old.MaxTurns : null,
                Labels = old.Labels,
                Remote = old.Remote.Length > 0 ? old.Remote : null,
                Source = request.Source,
                Constraints = request.Constraints,
            },
            requester,
            key
        );
        return spec is null
            ? (null, failure)
            : (
                spec with
                {
                    ParentTaskId = parentId,
                    ParentTurn = parent.Turn,
                    StartCommit = parent.BaseCommit,
                    StartBundle = parent.BaseBundle,
                    StartPatchBlob = parent.PatchBlob,
                    StartPatchAccepted =
                        parent.PatchBlob.Length > 0 && parent.PatchBlob == parent.AcceptedPatch,
                    Attachments = parent.Attachments,
                    Constraints = [.. parent.Constraints.Union(spec.Constraints)],
                    Earlier = parent.MemoryWithThisTurn,
                },
                null
            );
    }
}
