using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Cli;

/// <summary>A task in words: what it is, its attempts, its checks, its diff, its cost and where its papers lie.</summary>
internal static class TaskWords
{
    public static void Print(TaskSnapshot task, IReadOnlyList<JournalEntry> facts, string data)
    {
        Output.Line($"{task.TaskId}  {task.Phase}  {task.Title}");
        Output.Line(
            $"  {task.Kind}, {task.Priority}, by {task.Requester}; turn {task.Turn}, attempt {task.Attempt}, {task.AgentLabel}"
        );
        if (task.Repository.Length > 0)
        {
            Output.Line($"  repository {task.Repository} at {task.BaseCommit}");
        }
        Output.Line(
            $"  created {task.CreatedAt:u}, updated {task.UpdatedAt:u}; cost ${task.CostUsd:0.0000}, {task.Tokens} tokens"
        );
        if (task.WaitingFor.Length > 0)
        {
            Output.Line(
                $"  waits: {task.WaitingFor}{(task.Due is { } due ? $" (until {due:u})" : "")}"
            );
        }
        if (task.Command is { } command)
        {
            Output.Line($"  command: {command.Command}");
            Output.Line($"  in: {(command.Folder.Length > 0 ? command.Folder : "the worktree")}");
            Output.Line($"  answer: orchestrator approve {task.TaskId} --hash {task.ApprovalHash}");
        }
        foreach (var overlap in task.Overlaps)
        {
            Output.Line(
                $"  overlaps with {overlap.TaskId}: {string.Join(", ", overlap.Paths.Select(FactWords.PathText))}"
            );
        }
        Attempts(facts);
        Checks(task);
        Diff(task);
        if (task.Failure is { } failure)
        {
            Output.Line($"failed: {failure.Message} [{failure.Code}]");
        }
        Delivery(task);
        if (
            task.Phase
            is TaskPhase.Done
                or TaskPhase.Failed
                or TaskPhase.Cancelled
                or TaskPhase.InReview
        )
        {
            Output.Line($"artifact: {Path.Combine(data, "results", task.TaskId + ".json")}");
        }
    }

    private static void Delivery(TaskSnapshot task)
    {
        if (task.Delivery?.PullRequest is not { } there)
        {
            return;
        }
        var delivery = task.Delivery;
        Output.Line(
            $"pull request: {there.WebAddress} ({(delivery.MergeCommit.Length > 0 ? "merged as " + delivery.MergeCommit : delivery.Over ? "closed" : "open")})"
        );
        foreach (var reason in delivery.Over ? [] : delivery.HeldFor)
        {
            Output.Line("  not merged by itself: " + reason);
        }
    }

    private static void Attempts(IReadOnlyList<JournalEntry> facts)
    {
        var starts = facts
            .Select(f => f.Fact)
            .OfType<TaskFact.RunStarted>()
            .ToDictionary(f => f.Attempt);
        foreach (var end in facts.Where(f => f.Fact is TaskFact.RunEnded))
        {
            var fact = (TaskFact.RunEnded)end.Fact;
            var result = fact.Result;
            var start = starts.GetValueOrDefault(fact.Attempt);
            Output.Line(
                $"attempt {fact.Attempt}: turn {start?.Turn}, {start?.Runner} on {start?.Host}, {result.DurationSeconds:0.0}s, ended {(result.Message.Length == 0 ? "well" : $"{result.ErrorClass}: {result.Message}")}; {result.Diff.FilesTotal} files, ${result.Usage.CostUsd:0.0000}"
            );
        }
    }

    private static void Checks(TaskSnapshot task)
    {
        if (task.Verification is { } verification)
        {
            Output.Line(
                $"verification ({verification.Source}){(verification.Problem.Length > 0 ? ": " + verification.Problem : verification.Commands.Count == 0 ? ": no checks known" : "")}"
            );
            foreach (var c in verification.Commands)
            {
                Output.Line(
                    $"  {c.Command} → {(c.TimedOut ? "timed out" : "exit " + c.ExitCode)} ({c.DurationSeconds:0.0}s)"
                );
            }
        }
        if (task.Judgement is { } judgement)
        {
            Output.Line($"judgement: {judgement.Outcome}");
            foreach (var finding in judgement.Findings)
            {
                Output.Line($"  {(finding.Blocking ? "!" : "-")} {finding.Message}");
            }
        }
    }

    private static void Diff(TaskSnapshot task)
    {
        if (task.Result?.Diff is not { FilesTotal: > 0 } diff)
        {
            return;
        }
        Output.Line($"diff: {diff.FilesTotal} files, +{diff.AddedLines} -{diff.DeletedLines}");
        foreach (var file in diff.Files)
        {
            Output.Line(
                $"  {file.Status} {file.Path}{(file.OldPath.Length > 0 ? " (was " + file.OldPath + ")" : "")} (+{Math.Max(0, file.AddedLines)} -{Math.Max(0, file.DeletedLines)})"
            );
        }
        foreach (var file in diff.ExcludedFiles)
        {
            Output.Line($"  left out {file}: it is never committed");
        }
    }
}
