using System.ComponentModel;
using System.Diagnostics;
using Orchestrator.Decisions.Runners;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>The podman of this host: what it was found to hold, and the line of each run.</summary>
internal sealed class PodmanHost
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(20);

    // A container outlives a silo that is killed: by these its next start finds the processes inside.
    private static readonly string[] Markers =
    [
        ProcessGroup.RunVariable,
        ProcessGroupStarter.DataVariable,
    ];

    private readonly string program;
    private readonly string image;
    private readonly string temporary;

    /// <summary>Asks it.</summary>
    /// <param name="program">Full path.</param>
    /// <param name="image">The image of every run.</param>
    /// <param name="temporary">Full path of a folder of the silo's own, made when it is needed.</param>
    public PodmanHost(string program, string image, string temporary)
    {
        (this.program, this.image, this.temporary) = (program, image, temporary);
        Limits = PodmanLimits.Read(Ask());
    }

    /// <summary>What its cgroups hold.</summary>
    public PodmanLimits Limits { get; }

    /// <summary>The line of a trial that shows nothing of the host.</summary>
    public IReadOnlyList<string> Trial(SandboxPlan plan) =>
        PodmanLine.Make(
            program,
            image,
            "orchestrator-probe-" + Guid.NewGuid().ToString("N"),
            plan,
            new Dictionary<string, string>(),
            Limits.Hold,
            []
        );

    /// <summary>The line of a run, the environment of podman itself, what ends the container, and where the number of its first process will stand (null = its cgroups need no watch).</summary>
    public (
        IReadOnlyList<string> Line,
        IReadOnlyDictionary<string, string> Environment,
        IReadOnlyList<string> End,
        string? PidFile
    ) Enclosed(string runId, SandboxPlan plan, IReadOnlyDictionary<string, string> environment)
    {
        var pidFile = Limits.Hold ? null : PidFile();
        return (
            PodmanLine.Make(
                program,
                image,
                runId,
                plan,
                environment,
                Limits.Hold,
                Markers,
                pidFile
            ),
            PodmanLine.Environment(environment, System.Environment.GetEnvironmentVariable),
            [program, .. PodmanLine.End(runId)],
            pidFile
        );
    }

    private string PidFile()
    {
        RunFolders.Private(temporary);
        return Path.Combine(temporary, Guid.NewGuid().ToString("N")[..12] + ".pid");
    }

    private string Ask()
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, ["info", "--format", PodmanLimits.Template])
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            // What it complains of, the trial says again.
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var answer = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(AnswerMax))
            {
                process.Kill(entireProcessTree: true);
                return "";
            }
            // Something that podman left running may hold its output open.
            return answer.Wait(AnswerMax) ? answer.Result : "";
        }
        catch (Win32Exception)
        {
            return "";
        }
    }
}
