using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>What the product needs, tried for real: by the running server, else by the silo's program on its own.</summary>
internal static class DoctorCommand
{
    /// <summary>The verb.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var security = new Option<bool>("--security")
        {
            Description = "List every open door instead: addresses, tokens, files, agents.",
        };
        var login = new Option<bool>("--login")
        {
            Description = "Also call the agent once for real. This costs a few tokens.",
        };
        var fix = new Option<bool>("--fix")
        {
            Description =
                "First repair what is safe: missing folders, access rights of own files, what a crash left behind.",
        };
        var strict = new Option<bool>("--strict") { Description = "Exit 1 on warnings too." };
        var command = new Command(
            "doctor",
            "Try what the product needs and say what helps. Exit 1 when a line says fail. Works without a server too."
        )
        {
            security,
            login,
            fix,
            strict,
        };
        command.SetAction(
            async (p, token) =>
            {
                var request = new DoctorRequest
                {
                    Login = p.GetValue(login),
                    Fix = p.GetValue(fix),
                };
                var report = p.GetValue(security)
                    ? await SecurityAsync(finder(p), token)
                    : await RunAsync(finder(p), request, token);
                Show(report, output(p));
                return report.Checks.Any(c =>
                    c.Level == "fail" || (p.GetValue(strict) && c.Level != "ok")
                )
                    ? ExitCodes.Failed
                    : ExitCodes.Done;
            }
        );
        return command;
    }

    /// <summary>Asks the server; without one, has the silo's program look.</summary>
    public static async Task<DoctorReport> RunAsync(
        SiloFinder finder,
        DoctorRequest request,
        CancellationToken token
    )
    {
        if (!finder.CanConnect)
        {
            return await StoppedAsync(finder.Data, request, token);
        }
        using var client = finder.Connect();
        return request is { Login: false, Fix: false }
            ? await client.GetDoctorAsync(token)
            : await client.RunDoctorAsync(request, token);
    }

    /// <summary>The report for people, or as JSON.</summary>
    public static void Show(DoctorReport report, Output output) =>
        output.Answer(
            report,
            OrchestratorJson.Default.DoctorReport,
            r =>
            {
                foreach (var done in r.Fixes?.Done ?? [])
                {
                    Output.Line($"{Output.Paint("done", 36)}  {done}");
                }
                foreach (var problem in r.Fixes?.Problems ?? [])
                {
                    Output.Line($"{Output.Paint("fail", 31)}  {problem}");
                }
                foreach (var check in r.Checks)
                {
                    Show(check);
                }
                if (r.Settings.Count > 0)
                {
                    Output.Line("Settings in force:");
                }
                foreach (var (key, value) in r.Settings)
                {
                    Output.Line($"  {key} = {value}");
                }
                Output.Line(
                    $"{r.Checks.Count(c => c.Level == "ok")} ok, {r.Checks.Count(c => c.Level == "warn")} warn, {r.Checks.Count(c => c.Level == "fail")} fail"
                );
            }
        );

    /// <summary>One line.</summary>
    public static void Show(DoctorCheck check) =>
        Output.Line(
            $"{Output.Paint($"{check.Level, -4}", check.Level switch { "ok" => 32, "warn" => 33, _ => 31 })}  {check.Name}: {check.Message}{(check.Cure.Length > 0 ? " → " + check.Cure : "")}"
        );

    private static async Task<DoctorReport> SecurityAsync(
        SiloFinder finder,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        return await client.GetSecurityDoctorAsync(token);
    }

    private static async Task<DoctorReport> StoppedAsync(
        string data,
        DoctorRequest request,
        CancellationToken token
    )
    {
        List<string> arguments = ["doctor", "--data", data];
        if (request.Login)
        {
            arguments.Add("--login");
        }
        if (request.Fix)
        {
            arguments.Add("--fix");
        }
        using var process = Process.Start(
            new ProcessStartInfo(SiloFinder.SiloProgram(), arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
        var text = await process.StandardOutput.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        try
        {
            return JsonSerializer.Deserialize(text, OrchestratorJson.Default.DoctorReport)
                ?? throw new JsonException("it said nothing");
        }
        catch (JsonException e)
        {
            throw new OrchestratorException(
                $"The silo's program could not look (exit code {process.ExitCode}): {e.Message}"
            );
        }
    }
}
