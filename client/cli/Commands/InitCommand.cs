using System.CommandLine;
using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Cli;

/// <summary>The first steps: asks on a terminal, writes settings, checks and policy with their comments, and has the doctor look. Nothing is overwritten.</summary>
internal static class InitCommand
{
    private const int SlotsMax = 64;
    private const int AnswersMax = 3;

    /// <summary>The verb.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var repo = new Option<string[]>("--repo")
        {
            Description = "Folder of a git repository to work in; more than one may be named.",
            AllowMultipleArgumentsPerToken = true,
        };
        var slots = new Option<int?>("--slots") { Description = "Agents at once, 1 to 64." };
        var endpoint = new Option<string?>("--ollama")
        {
            Description = "Address of a local Ollama, such as http://127.0.0.1:11434.",
        };
        var verify = new Option<string?>("--verify")
        {
            Description = "The command that must pass in each repository, such as 'dotnet test'.",
        };
        var yes = new Option<bool>("--yes", "-y")
        {
            Description = "Ask nothing, even on a terminal.",
        };
        var force = new Option<bool>("--force")
        {
            Description = "Write files anew that are there already.",
        };
        var command = new Command(
            "init",
            "Set up: write settings, checks and a policy with comments, then run the doctor. Nothing is overwritten without --force."
        )
        {
            repo,
            slots,
            endpoint,
            verify,
            yes,
            force,
        };
        command.SetAction(
            async (p, token) =>
            {
                var ask = !p.GetValue(yes) && !Console.IsInputRedirected && Output.Live;
                var answers = Answers(
                    ask,
                    p.GetValue(repo) ?? [],
                    p.GetValue(slots),
                    p.GetValue(endpoint),
                    p.GetValue(verify)
                );
                return await RunAsync(finder(p), output(p), answers, p.GetValue(force), token);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        SiloFinder finder,
        Output output,
        InitAnswers answers,
        bool force,
        CancellationToken token
    )
    {
        var (done, left) = (new List<string>(), new List<string>());
        void Write(string path, string text, bool secret)
        {
            (WriteNew(path, text, secret, force) ? done : left).Add(path);
        }
        MakePrivate(finder.Data);
        foreach (var folder in (string[])["tasks", "results", "summaries", "logs"])
        {
            MakePrivate(Path.Combine(finder.Data, folder));
        }
        Write(Path.Combine(finder.Data, ".env"), InitTexts.Settings(answers), secret: true);
        foreach (var path in answers.Repositories.Values)
        {
            Write(
                Path.Combine(path, ".orchestrator.yaml"),
                InitTexts.Checks(answers.Verify),
                secret: false
            );
            Directory.CreateDirectory(Path.Combine(path, ".orchestrator"));
            Write(
                Path.Combine(path, ".orchestrator", "policy.yaml"),
                InitTexts.Policy.ReplaceLineEndings("\n"),
                secret: false
            );
        }
        var report = await DoctorCommand.RunAsync(finder, new DoctorRequest(), token);
        output.Answer(
            report with
            {
                Fixes = new WorkReport(done, left, []),
            },
            OrchestratorJson.Default.DoctorReport,
            r =>
            {
                foreach (var path in done)
                {
                    Output.Line($"{Output.Paint("written", 32)}  {path}");
                }
                foreach (var path in left)
                {
                    Output.Line(
                        $"{Output.Paint("kept", 33)}     {path} (it was there; --force writes it anew)"
                    );
                }
                foreach (var check in r.Checks.Where(c => c.Level != "ok"))
                {
                    DoctorCommand.Show(check);
                }
                Output.Line($"{r.Checks.Count(c => c.Level == "ok")} checks are ok.");
                Output.Line(
                    answers.Repositories.Count > 0
                        ? $"Commit the files of the repository, then: orchestrator run \"…\" --repo {answers.Repositories.Keys.First()}"
                        : "Then: orchestrator demo, or orchestrator run \"…\" --repo FOLDER"
                );
            }
        );
        return report.Checks.Any(c => c.Level == "fail") ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static InitAnswers Answers(
        bool ask,
        string[] repositories,
        int? slots,
        string? endpoint,
        string? verify
    )
    {
        if (ask)
        {
            Output.Line("Set up Orchestrator. Enter takes what stands in brackets.");
            if (repositories.Length == 0)
            {
                repositories = Ask("Repository to work in (folder) [none]", RepositoryProblem)
                    is { Length: > 0 } r
                    ? [r]
                    : [];
            }
            slots ??= Ask("Agents at once [3]", SlotsProblem) is { Length: > 0 } n
                ? int.Parse(n, CultureInfo.InvariantCulture)
                : null;
            endpoint ??= Ask("Address of a local Ollama [none]", EndpointProblem);
            verify ??=
                repositories.Length > 0
                    ? Ask(
                        "Command that must pass, such as 'dotnet test' [found by itself]",
                        LineProblem
                    )
                    : null;
        }
        foreach (
            var problem in repositories
                .Select(RepositoryProblem)
                .Append(
                    slots is { } s ? SlotsProblem(s.ToString(CultureInfo.InvariantCulture)) : ""
                )
                .Append(EndpointProblem(endpoint ?? ""))
                .Append(LineProblem(verify ?? ""))
        )
        {
            if (problem.Length > 0)
            {
                throw new OrchestratorException(
                    new GrainInterfaces.Failures.Failure(
                        GrainInterfaces.Failures.FailureCodes.InvalidRequest,
                        problem
                    ),
                    ExitCodes.Usage
                );
            }
        }
        var named = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in repositories.Select(Path.GetFullPath))
        {
            named.TryAdd(NameOf(path, named), path);
        }
        return new InitAnswers(slots, endpoint ?? "", named, verify ?? "");
    }

    private static string Ask(string question, Func<string, string> problemOf)
    {
        for (var n = 0; n < AnswersMax; n++)
        {
            Console.Out.Write(question + ": ");
            var answer = Console.In.ReadLine()?.Trim() ?? "";
            var problem = answer.Length == 0 ? "" : problemOf(answer);
            if (problem.Length == 0)
            {
                return answer;
            }
            Output.Line(problem);
        }
        throw new OrchestratorException(
            $"No usable answer in {AnswersMax} tries. Nothing was written."
        );
    }

    private static string RepositoryProblem(string path) =>
        Path.Exists(Path.Combine(path, ".git"))
            ? ""
            : $"'{path}' is no git repository. Name the top folder of a clone.";

    private static string SlotsProblem(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && n is >= 1 and <= SlotsMax
            ? ""
            : $"'{text}' must be a whole number from 1 to {SlotsMax}.";

    private static string EndpointProblem(string text) =>
        text.Length == 0
        || (
            Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https"
            && uri.UserInfo.Length == 0
            && !text.Contains('\n', StringComparison.Ordinal)
        )
            ? ""
            : $"'{text}' is no address. Example: http://127.0.0.1:11434.";

    private static string LineProblem(string text) =>
        text.Any(char.IsControl) ? "A command is one line." : "";

    // The folder's name, as a setting's name may be; a number behind it when it is taken.
    private static string NameOf(string path, Dictionary<string, string> taken)
    {
        var name = new string([
            .. Path.GetFileName(path.TrimEnd(Path.DirectorySeparatorChar))
                .Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '-')
                .SkipWhile(c => !char.IsAsciiLetterOrDigit(c))
                .Take(RepositoryNames.LengthMax - 4),
        ]);
        name = name.Length > 0 ? name : "repository";
        var free = name;
        for (var n = 2; taken.ContainsKey(free); n++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}-{n}");
        }
        return free;
    }

    private static void MakePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        Directory.CreateDirectory(
            folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
    }

    // Whole or not at all, under its own name only when that is free, or with --force.
    private static bool WriteNew(string path, string text, bool secret, bool force)
    {
        if (Path.Exists(path) && !force)
        {
            return false;
        }
        var part = path + "." + Guid.NewGuid().ToString("N")[..8] + ".part";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
        };
        if (secret && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        try
        {
            using (var writer = new StreamWriter(part, options))
            {
                writer.Write(text);
            }
            File.Move(part, path, overwrite: force);
            return true;
        }
        catch (IOException) when (!force && Path.Exists(path))
        {
            return false; // somebody was faster
        }
        finally
        {
            File.Delete(part);
        }
    }
}
