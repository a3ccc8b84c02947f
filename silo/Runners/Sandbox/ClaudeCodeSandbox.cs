using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>What Claude Code sees in a sandbox: its program, a configuration folder of the run alone, and its own session.</summary>
internal static class ClaudeCodeSandbox
{
    private const string Api = "api.anthropic.com";

    /// <param name="folders">The product's folders.</param>
    /// <param name="order">The run.</param>
    /// <param name="process">The child.</param>
    /// <param name="session">Where its session lies, or will.</param>
    /// <param name="guard">What the guard of its tools needs.</param>
    public static SandboxNeeds Needs(
        RunFolders folders,
        RunOrder order,
        ProcessOrder process,
        string session,
        IEnumerable<SandboxBind> guard
    )
    {
        var temporary = folders.TemporaryOf(order.TaskId, order.Attempt);
        var configuration = folders.Configuration;
        // The shared folder holds the sessions of all tasks: inside, an empty one lies in its place, which goes with the run.
        var own = Path.Combine(temporary, ".configuration");
        RunFolders.Private(own);
        List<SandboxBind> binds =
        [
            new SandboxBind(process.Executable, process.Executable),
            new SandboxBind(temporary, temporary, Writable: true),
            new SandboxBind(own, configuration, Writable: true),
            .. guard,
        ];
        foreach (var project in Projects(configuration, process.WorkingDirectory, session))
        {
            RunFolders.Private(project);
            binds.Add(new SandboxBind(project, project, Writable: true));
        }
        var login = Path.Combine(configuration, ".credentials.json");
        if (File.Exists(login))
        {
            binds.Add(new SandboxBind(login, login));
        }
        return new SandboxNeeds(binds, [ApiHost(process.Environment)]);
    }

    // Where this run's session begins, and where the one that it resumes lies: folders of this task alone.
    private static IEnumerable<string> Projects(
        string configuration,
        string folder,
        string session
    ) =>
        new[]
        {
            Path.Combine(
                configuration,
                "projects",
                new string([.. folder.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')])
            ),
            Path.GetDirectoryName(session)!,
        }.Distinct();

    private static string ApiHost(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("ANTHROPIC_BASE_URL") is { Length: > 0 } named
        && Uri.TryCreate(named, UriKind.Absolute, out var address)
            ? $"{address.Host}:{address.Port}"
            : Api;
}
