using System.CommandLine;
using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>One archive for whoever helps. It appears whole or not at all, for its owner only.</summary>
internal static class SupportCommand
{
    /// <summary>The verb.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var task = new Option<string[]>("--task")
        {
            Description = "Also the facts of this task; more than one may be named, at most 20.",
            AllowMultipleArgumentsPerToken = true,
        };
        var file = new Option<string?>("--output", "-o")
        {
            Description = "The file; default: orchestrator-support-TIME.zip here.",
        };
        var command = new Command(
            "support-bundle",
            "Write logs, settings, doctor, versions and the facts of named tasks into one .zip, without secrets. Works without a server too, then without facts."
        )
        {
            task,
            file,
        };
        command.SetAction(
            async (p, token) =>
            {
                var path = Path.GetFullPath(
                    p.GetValue(file)
                        ?? string.Create(
                            CultureInfo.InvariantCulture,
                            $"orchestrator-support-{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmss}.zip"
                        )
                );
                var part = path + ".part";
                try
                {
                    await WriteAsync(finder(p), part, p.GetValue(task) ?? [], token);
                    File.Move(part, path, overwrite: false);
                }
                finally
                {
                    File.Delete(part);
                }
                output(p)
                    .Answer(
                        new WorkReport([path], [], []),
                        OrchestratorJson.Default.WorkReport,
                        _ => Output.Line(path)
                    );
                await Console.Error.WriteLineAsync(
                    "Secrets are left out. Names, paths and the words of requests are in it: look before you send it."
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static async Task WriteAsync(
        SiloFinder finder,
        string part,
        string[] tasks,
        CancellationToken token
    )
    {
        if (!finder.CanConnect)
        {
            if (tasks.Length > 0)
            {
                await Console.Error.WriteLineAsync(
                    "No server runs: the facts of tasks are left out."
                );
            }
            if (ServeCommand.Start(["support-bundle", part, "--data", finder.Data]) != 0)
            {
                throw new OrchestratorException("The silo's program could not write the bundle.");
            }
            return;
        }
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using var client = finder.Connect();
        await using var stream = new FileStream(part, options);
        await client.DownloadSupportBundleAsync(
            stream,
            new SupportRequest { Tasks = tasks },
            token
        );
    }
}
