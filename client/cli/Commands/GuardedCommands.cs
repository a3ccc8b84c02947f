using System.CommandLine;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Cli;

/// <summary>Verbs about approvals and guarded diffs.</summary>
internal static class GuardedCommands
{
    private static readonly TimeSpan ApplyMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Adds them.</summary>
    public static void Add(RootCommand root)
    {
        root.Add(Answer("approve", "Say yes to what a task asks.", true));
        root.Add(Answer("reject", "Say no to what a task asks.", false));
        root.Add(HandOver());
        root.Add(Apply());
        root.Add(Restage());
    }

    private static Argument<string> Id() => new("id") { Description = "The task's id." };

    private static Command Answer(string verb, string words, bool yes)
    {
        var id = Id();
        var reason = new Option<string?>("--reason") { Description = "Why." };
        var hash = new Option<string?>("--hash")
        {
            Description =
                "Hash of the diff or of the question about a command that you looked at, its first 12 digits or more: another one is refused.",
        };
        var command = new Command(verb, words) { id, reason, hash };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var task = await client.AnswerAsync(
                    p.GetValue(id)!,
                    yes,
                    p.GetValue(reason),
                    p.GetValue(hash),
                    token
                );
                CommandLine
                    .Out(p)
                    .Answer(
                        task,
                        OrchestratorJson.Default.TaskSnapshot,
                        t => Output.Line(Words(t))
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command HandOver()
    {
        var id = Id();
        var to = new Option<string>("--to")
        {
            Description = "Name of the token or chat user who is to answer.",
            Required = true,
        };
        var reason = new Option<string?>("--reason") { Description = "Why." };
        var command = new Command(
            "hand-over",
            "Hand what a task asks to somebody else who may answer it."
        )
        {
            id,
            to,
            reason,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.HandOverAsync(
                            p.GetValue(id)!,
                            p.GetValue(to)!,
                            p.GetValue(reason),
                            token
                        ),
                        OrchestratorJson.Default.TaskSnapshot,
                        t => Output.Line($"{t.TaskId} asks {t.ApprovalTo} now")
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static string Words(TaskSnapshot task) =>
        task.ApprovalsNeeded > 0
            ? $"{task.TaskId} is {task.Phase}: {task.ApprovedBy.Count} of {task.ApprovalsNeeded} said yes ({string.Join(", ", task.ApprovedBy)})"
        : task.Guarded is { Step: GuardedStep.Approved }
            ? $"{task.TaskId} is {task.Phase}; its diff may be applied until {task.Guarded.Diff.Expires.ToLocalTime():yyyy-MM-dd HH:mm}: orchestrator apply-guarded {task.TaskId}"
        : $"{task.TaskId} is {task.Phase}";

    private static Command Apply()
    {
        var id = Id();
        var threeWay = new Option<bool>("--three-way")
        {
            Description = "Merge with the branch when it has moved since the diff was made.",
        };
        var command = new Command(
            "apply-guarded",
            "Bring a task's approved diff into its repository: whole, or not at all."
        )
        {
            id,
            threeWay,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var task = await client.ApplyGuardedAsync(
                    p.GetValue(id)!,
                    p.GetValue(threeWay),
                    token
                );
                task = await EndAsync(client, task, token);
                CommandLine
                    .Out(p)
                    .Answer(
                        task,
                        OrchestratorJson.Default.TaskSnapshot,
                        t =>
                            Output.Line(
                                t.Guarded!.Step == GuardedStep.Applied
                                    ? $"{t.TaskId} stands in {t.Guarded.Branch} as {t.Guarded.Commit}"
                                    : $"{t.TaskId} is being applied still; 'orchestrator show {t.TaskId}' says how it ends"
                            )
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static async Task<TaskSnapshot> EndAsync(
        OrchestratorClient client,
        TaskSnapshot task,
        CancellationToken token
    )
    {
        var time = TimeProvider.System;
        var since = time.GetTimestamp();
        while (
            task.Guarded is { Step: GuardedStep.Applying } && time.GetElapsedTime(since) < ApplyMax
        )
        {
            await Task.Delay(LookPause, time, token);
            task = await client.GetAsync(task.TaskId, token);
        }
        return task.Guarded is { Step: GuardedStep.Approved, Refusal: { } refusal }
            ? throw new OrchestratorException(refusal, ExitCodes.Failed)
            : task;
    }

    private static Command Restage()
    {
        var id = Id();
        var command = new Command(
            "restage",
            "Bring a task's guarded diff onto the branch as it is now, check it again, ask again."
        )
        {
            id,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.RestageAsync(p.GetValue(id)!, token),
                        OrchestratorJson.Default.TaskSnapshot,
                        t =>
                            Output.Line(
                                $"{t.TaskId} is {t.Phase}, turn {t.Turn}: orchestrator watch {t.TaskId}"
                            )
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }
}
