using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Silo.Runners;

/// <summary>Runs the verify commands on the captured work, in its worktree; a lost worktree is made again from base and patch.</summary>
internal sealed class VerifyRun(
    AgentRunServices services,
    GitCli git,
    CachedClones clones,
    IOptions<VerifyOptions> options
)
{
    private const int OutputMax = 1024 * 1024;

    /// <summary>The report; the first failure ends the list.</summary>
    public async Task<VerificationReport> RunAsync(
        VerifyOrder order,
        CancellationToken cancellationToken
    )
    {
        var folder = services.Workspace.FolderOf(order.TaskId, order.Attempt);
        if (!Directory.Exists(folder))
        {
            await services.Workspace.PrepareAsync(
                new WorkspaceWish
                {
                    TaskId = order.TaskId,
                    Attempt = order.Attempt,
                    Repository = order.Spec.Repository,
                    BaseBranch = order.Spec.BaseBranch,
                    BaseCommit = order.Spec.Repository.Length > 0 ? order.BaseCommit : "",
                    BaseBundle = order.BaseBundle,
                    StartPatch = order.Diff.PatchBlob,
                },
                cancellationToken
            );
        }
        var plan = await PlanAsync(order, cancellationToken);
        if (plan.Problem.Length > 0)
        {
            return new VerificationReport(plan.Source, [], plan.Problem);
        }
        var results = new List<CommandResult>();
        foreach (var command in plan.Commands)
        {
            var result = await RunAsync(order, folder, command, cancellationToken);
            results.Add(result);
            if (result.ExitCode != 0 || result.TimedOut)
            {
                break;
            }
        }
        return new VerificationReport(plan.Source, results);
    }

    private async Task<VerifyPlan> PlanAsync(VerifyOrder order, CancellationToken cancellationToken)
    {
        if (order.Diff.FilesTotal == 0 && order.Spec.Repository.Length == 0)
        {
            return new VerifyPlan("none", []);
        }
        // From the base commit in the cached clone: the agent cannot loosen its own checks.
        var repository = order.Spec.Repository;
        var clone = clones.FolderOf(repository.Length > 0 ? RealPath.Of(repository) : "");
        var file = await BlobAsync(clone, order, VerifyPlan.FileName, cancellationToken);
        var names = GitDiffReader.Fields(
            await git.RunAsync(
                clone,
                ["ls-tree", "--name-only", "-z", order.Diff.BaseCommit],
                cancellationToken
            )
        );
        var package = await BlobAsync(clone, order, "package.json", cancellationToken);
        return VerifyPlan.Choose(file, options.Value.Commands, names, package);
    }

    private async Task<string?> BlobAsync(
        string clone,
        VerifyOrder order,
        string name,
        CancellationToken cancellationToken
    )
    {
        var blob = await git.TryAsync(
            clone,
            ["cat-file", "blob", $"{order.Diff.BaseCommit}:{name}"],
            cancellationToken
        );
        return blob.ExitCode == 0 ? blob.Text : null;
    }

    private async Task<CommandResult> RunAsync(
        VerifyOrder order,
        string folder,
        string command,
        CancellationToken cancellationToken
    )
    {
        var windows = OperatingSystem.IsWindows();
        var shell = windows ? Path.Combine(Environment.SystemDirectory, "cmd.exe") : "/bin/sh";
        string[] arguments = windows ? ["/d", "/s", "/c"] : ["-c", command];
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var name in (string[])
                [
                    "PATH",
                    "HOME",
                    "USERPROFILE",
                    "LOCALAPPDATA",
                    "APPDATA",
                    "ProgramFiles",
                    "DOTNET_ROOT",
                    "JAVA_HOME",
                    "TEMP",
                    "TMP",
                ]
        )
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                environment[name] = value;
            }
        }
        environment["CI"] = "true";
        environment["LANG"] = "C.UTF-8";
        var process = new ProcessOrder(
            shell,
            arguments,
            folder,
            environment,
            $"{order.TaskId}-{order.Attempt}-verify",
            windows ? $"\"{command}\"" : ""
        );
        var temporary = services.Folders.TemporaryOf(order.TaskId, order.Attempt);
        if (services.Sandbox.Works && !windows)
        {
            environment["HOME"] = temporary;
            environment["TMPDIR"] = temporary;
        }
        await using var child = services.Sandbox.Enclose(
            process,
            order.Sandbox,
            new SandboxNeeds([new SandboxBind(temporary, temporary, Writable: true)], []),
            folder,
            clones.ObjectsOf(order.Spec.Repository)
        );
        var run = await services.Starter.CaptureAsync(
            child.Process,
            options.Value.TimeMax,
            OutputMax,
            services.Time,
            cancellationToken
        );
        return new CommandResult(
            services.Redactor.Redact(command),
            run.ExitCode,
            Math.Round(run.Duration.TotalSeconds, 3),
            run.TimedOut,
            services.Redactor.Redact(string.Join('\n', [run.Tail, .. child.Refused]))
        );
    }
}
