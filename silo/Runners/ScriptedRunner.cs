using System.Globalization;
using System.Text;
using Orchestrator.Decisions.Observability;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;

namespace Orchestrator.Silo.Runners;

/// <summary>The scripted agent: plays a declared script, has no AI, and says so wherever it shows.</summary>
internal sealed class ScriptedRunner(RunFolders folders) : IAgentRunner
{
    private const string Label = "scripted agent, no AI";
    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>Full path of its program, or null.</summary>
    public static string? Program => Found.Value;

    /// <inheritdoc />
    public string Kind => "scripted";

    /// <inheritdoc />
    public string Problem() =>
        Program is null
            ? "orchestrator-scripted-agent is not beside the silo. Install the whole release, or build silo/scripted-agent."
            : "";

    /// <inheritdoc />
    public AgentStart Make(RunOrder order, WorkspaceInfo workspace, string runId)
    {
        var executable = Program ?? throw new InvalidOperationException(Problem());
        var temporary = folders.TemporaryOf(order.TaskId, order.Attempt);
        var text =
            order.Spec.Script.Length > 0 ? order.Spec.Script : "{\"version\":1,\"steps\":[]}";
        if (AgentScript.Read(text, out var problem) is null)
        {
            throw new InvalidOperationException(problem);
        }
        var script = folders.WriteScript(order.TaskId, order.Attempt, text);
        string[] arguments =
        [
            "--script",
            script,
            "--attempt",
            order.Attempt.ToString(CultureInfo.InvariantCulture),
            "--session",
            order.SessionId,
        ];
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            ["HOME"] = temporary,
            ["TMPDIR"] = temporary,
            ["LANG"] = "C.UTF-8",
            ["DOTNET_TieredCompilation"] = "1",
            ["TRACEPARENT"] = TraceIds.ParentOfRun(order.TaskId, order.Turn, order.Attempt),
        };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
        {
            environment["DOTNET_ROOT"] = root;
        }
        if (OperatingSystem.IsWindows())
        {
            environment["USERPROFILE"] = temporary;
            environment["TEMP"] = temporary;
            environment["TMP"] = temporary;
        }
        var process = new ProcessOrder(
            executable,
            arguments,
            StartFolder.Of(workspace, order),
            environment,
            runId
        );
        return new AgentStart(
            process,
            Encoding.UTF8.GetBytes(order.Prompt),
            new AgentInfo(0, executable, "scripted-1", "scripted", Label, "")
        )
        {
            Needs = new SandboxNeeds(
                [
                    .. SandboxNeeds.Programs(Path.GetDirectoryName(executable)!),
                    new SandboxBind(script, script),
                    new SandboxBind(temporary, temporary, Writable: true),
                ],
                []
            ),
        };
    }

    private static string? Find()
    {
        var name = OperatingSystem.IsWindows()
            ? "orchestrator-scripted-agent.exe"
            : "orchestrator-scripted-agent";
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        // Beside the silo in a release; in the sibling folder of the build output (artifacts/bin/PROJECT/CONFIGURATION).
        string[] places =
        [
            here,
            Path.Combine(here, "..", "..", "Orchestrator.ScriptedAgent", Path.GetFileName(here)),
        ];
        return places
            .Select(p => Path.GetFullPath(Path.Combine(p, name)))
            .FirstOrDefault(File.Exists);
    }
}
