using System.Diagnostics;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Shows the whole way on a throw-away repository: a first attempt that the checks reject, a second that they accept.</summary>
internal static class DemoCommand
{
    private const string Request =
        "Fix greet.sh: it must greet the name it is given, and the world when there is none.";

    private const string Script = """
        {"version":1,"steps":[
        {"do":"say","attempt":1,"text":"I read greet.sh and its check."},
        {"do":"sleep","attempt":1,"milliseconds":300},
        {"do":"edit","attempt":1,"path":"greet.sh","find":"Hello!","text":"Hello, $1!"},
        {"do":"say","attempt":1,"text":"greet.sh greets the name it is given."},
        {"do":"sleep","attempt":1,"milliseconds":200},
        {"do":"edit","attempt":2,"path":"greet.sh","find":"$1","text":"${1:-world}"},
        {"do":"write","attempt":2,"path":"README.md","text":"# Greeting\n\n`sh greet.sh [NAME]` greets NAME, or the world.\n"},
        {"do":"sleep","attempt":2,"milliseconds":200},
        {"do":"say","attempt":2,"text":"greet.sh greets the name it is given and falls back to the world; the README says so."}
        ]}
        """;

    public static async Task<int> RunAsync(
        SiloFinder finder,
        Output output,
        CancellationToken token
    )
    {
        await Console.Error.WriteLineAsync(
            "Demo: a scripted agent, no AI, in a throw-away repository."
        );
        using var client = await finder.ConnectOrStartAsync(token);
        var repository = Path.Combine(
            finder.Data,
            "demo",
            TimeProvider
                .System.GetUtcNow()
                .ToString("yyyyMMdd-HHmmss-fff", System.Globalization.CultureInfo.InvariantCulture)
        );
        Directory.CreateDirectory(repository);
        await File.WriteAllTextAsync(
            Path.Combine(repository, "greet.sh"),
            "echo \"Hello!\"\n",
            token
        );
        await File.WriteAllTextAsync(
            Path.Combine(repository, "check.sh"),
            "test \"$(sh greet.sh Ada)\" = 'Hello, Ada!' && test \"$(sh greet.sh)\" = 'Hello, world!' || { echo 'greeting is wrong'; exit 1; }\n",
            token
        );
        await File.WriteAllTextAsync(
            Path.Combine(repository, ".orchestrator.yaml"),
            "verify:\n  - "
                + (OperatingSystem.IsWindows() ? "findstr world greet.sh" : "sh check.sh")
                + "\n",
            token
        );
        foreach (
            var arguments in (string[][])
                [
                    ["init", "-q"],
                    ["add", "-A"],
                    [
                        "-c",
                        "user.name=demo",
                        "-c",
                        "user.email=demo@localhost",
                        "commit",
                        "-q",
                        "-m",
                        "A greeting that greets nobody",
                    ],
                ]
        )
        {
            Git(repository, arguments);
        }
        await (output.Json ? Console.Error : Console.Out).WriteLineAsync($"request:  {Request}");
        var body = new SubmitRequest
        {
            Request = Request,
            Type = "fix",
            Repository = repository,
            Runner = "scripted",
            Script = Script,
            Source = "demo",
        };
        var task = await client.SubmitAsync(body, null, token);
        var end = await new Watcher(finder, output, stream: false).WatchAsync(task.TaskId, token);
        if (output.Json)
        {
            output.Answer(end, OrchestratorJson.Default.TaskSnapshot, _ => { });
        }
        else
        {
            await TaskCommands.ShowEndAsync(finder, end, token);
        }
        return ExitCodes.Of(end.Phase);
    }

    private static void Git(string folder, string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo("git", arguments)
                {
                    WorkingDirectory = folder,
                    RedirectStandardError = true,
                }
            )!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new OrchestratorException(
                    $"git {arguments[0]} failed in {folder}: {error.Trim()}"
                );
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new OrchestratorException(
                "git is not on the PATH. Install git, then try again.",
                e
            );
        }
    }
}
