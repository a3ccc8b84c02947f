using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Verbs that put a task's work into its repository.</summary>
internal static class GitCommands
{
    /// <summary>Adds them.</summary>
    public static void Add(RootCommand root)
    {
        root.Add(
            Commit(
                "git-commit",
                "Commit a task's work in its repository, on a branch of its own.",
                staged: false
            )
        );
        root.Add(
            Commit(
                "git-commit-all",
                "The same, together with what is staged in the checkout.",
                staged: true
            )
        );
        root.Add(Status());
    }

    private static Command Commit(string name, string words, bool staged)
    {
        var id = new Argument<string>("id") { Description = "The task's id." };
        var branch = new Option<string?>("--branch")
        {
            Description = "The branch; default: orchestrator/<task>-<slug>.",
        };
        var noBranch = new Option<bool>("--no-branch")
        {
            Description = "Commit on the branch that is checked out, if that disturbs nothing.",
        };
        var push = new Option<bool>("--push") { Description = "Push the branch afterwards." };
        var message = new Option<string?>("--message", "-m")
        {
            Description = "The message; default: made from the task.",
        };
        var command = new Command(name, words) { id, branch, noBranch, push, message };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var request = new CommitRequest
                {
                    Branch = p.GetValue(branch),
                    NoBranch = p.GetValue(noBranch),
                    Push = p.GetValue(push),
                    Message = p.GetValue(message),
                };
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.CommitAsync(p.GetValue(id)!, request, staged, token),
                        OrchestratorJson.Default.CommitAnswer,
                        Print
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static void Print(CommitAnswer answer)
    {
        Output.Line(
            $"{answer.Commit} on {answer.Branch}{(answer.AlreadyThere ? " (there already)" : "")}{(answer.Pushed ? ", pushed" : "")}"
        );
        foreach (var file in answer.Files)
        {
            Output.Line("  " + file);
        }
        foreach (var file in answer.LeftOut)
        {
            Output.Line($"  {Output.Paint("left out", 33)} {file}: it is never committed");
        }
    }

    private static Command Status()
    {
        var id = new Argument<string?>("id")
        {
            Description = "A task, for its repository; default: the current folder's.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var repo = new Option<string?>("--repo") { Description = "Folder of the git repository." };
        var command = new Command(
            "git-status",
            "Show a repository's branch, changes and sensitive files."
        )
        {
            id,
            repo,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var status = p.GetValue(id) is { } task
                    ? await client.GetTaskRepositoryAsync(task, token)
                    : await client.GetRepositoryAsync(
                        CommandLine.Repository(p.GetValue(repo) ?? Environment.CurrentDirectory),
                        token
                    );
                CommandLine.Out(p).Answer(status, OrchestratorJson.Default.RepositoryStatus, Print);
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static void Print(RepositoryStatus status)
    {
        Output.Line(status.Repository);
        Output.Line(
            $"  {(status.Branch.Length > 0 ? "on " + status.Branch : "HEAD is detached")}, {(status.Clean ? Output.Paint("clean", 32) : Output.Paint($"{status.Changes.Count} changes", 33))}"
        );
        foreach (var change in status.Changes)
        {
            Output.Line(
                $"  {change.Status} {change.Path}{(change.OldPath.Length > 0 ? " (was " + change.OldPath + ")" : "")}"
            );
        }
        foreach (var file in status.SensitiveFiles)
        {
            Output.Line($"  {Output.Paint("sensitive", 31)} {file}: it is never committed");
        }
    }
}
