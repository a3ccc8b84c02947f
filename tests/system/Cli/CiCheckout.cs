using System.Diagnostics;

namespace Orchestrator.SystemTests.Cli;

/// <summary>A checkout as a CI system makes it: a clone whose branch 'change' came from 'main'.</summary>
internal sealed class CiCheckout
{
    /// <summary>A token that looks real and is none.</summary>
    public const string Token = "ghp_" + "a8Jk2mLq9ZxT4vBn7Wc1Yd6Rf3Gh5Ks0Pu8E";

    /// <summary>A path that would order something of a runner, were it written as it is.</summary>
    public const string HostileName = "vault/x\n::error::pwned ##vso[task.complete]";

    private static readonly string[] CiVariables =
    [
        "GITHUB_ACTIONS",
        "GITHUB_BASE_REF",
        "GITHUB_EVENT_PATH",
        "GITHUB_OUTPUT",
        "GITHUB_STEP_SUMMARY",
        "GITLAB_CI",
        "TF_BUILD",
        "CHANGE_TARGET",
        "BITBUCKET_PR_DESTINATION_BRANCH",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
        "ORCHESTRATOR_BASE",
    ];

    private CiCheckout(string folder) => Folder = folder;

    /// <summary>The checkout.</summary>
    public string Folder { get; }

    /// <summary>One whose base has the files; the change is made by <see cref="CommitAsync"/>.</summary>
    public static async Task<CiCheckout> MakeAsync(params (string Path, string Text)[] files)
    {
        var origin = new CiCheckout(SiloProcess.NewFolder());
        await Git.RunAsync(origin.Folder, "init", "-q", "-b", "main");
        await origin.CommitAsync(files);
        var clone = new CiCheckout(Path.Combine(SiloProcess.NewFolder(), "checkout"));
        await Git.RunAsync(origin.Folder, "clone", "-q", origin.Folder, clone.Folder);
        await Git.RunAsync(clone.Folder, "checkout", "-q", "-b", "change");
        return clone;
    }

    /// <summary>Writes files and commits all that differs.</summary>
    public async Task CommitAsync(params (string Path, string Text)[] files)
    {
        foreach (var (path, text) in files)
        {
            var file = Path.Combine(Folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text);
        }
        await Git.RunAsync(Folder, "add", "-A", "-f");
        await Git.RunAsync(Folder, "commit", "-q", "-m", "x");
    }

    /// <summary>Runs the command in it.</summary>
    public Task<CliRun> CiAsync(params string[] arguments) => CiAsync([], arguments);

    /// <summary>The same, as a CI system that sets variables.</summary>
    public Task<CliRun> CiAsync((string, string)[] variables, params string[] arguments) =>
        RunAsync(CliProcess.Info(null, ["ci", .. arguments]), variables);

    /// <summary>Runs a program in it with no variable of a CI system but the given ones.</summary>
    public Task<CliRun> RunAsync(ProcessStartInfo info, params (string Name, string Value)[] set)
    {
        info.WorkingDirectory = Folder;
        foreach (var name in CiVariables)
        {
            info.Environment.Remove(name);
        }
        foreach (var (name, value) in set)
        {
            info.Environment[name] = value;
        }
        return CliProcess.RunAsync(info);
    }
}
