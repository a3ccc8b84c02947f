using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Cli;

/// <summary>Every verb and its words.</summary>
internal static class CommandLine
{
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Data directory (ORCHESTRATOR_DATA).",
        Recursive = true,
    };
    private static readonly Option<string?> Url = new("--url")
    {
        Description = "Server address (ORCHESTRATOR_URL).",
        Recursive = true,
    };
    private static readonly Option<string?> Token = new("--token")
    {
        Description = "Bearer token (ORCHESTRATOR_TOKEN).",
        Recursive = true,
    };
    private static readonly Option<bool> Json = new("--json")
    {
        Description = "One JSON object per answer.",
        Recursive = true,
    };

    /// <summary>The whole command line.</summary>
    public static RootCommand Build()
    {
        var root = new RootCommand("Orchestrator: from a sentence to checked work.")
        {
            Data,
            Url,
            Token,
            Json,
        };
        foreach (
            var command in (Command[])
                [
                    InitCommand.Make(Finder, Out),
                    Run(),
                    Submit(),
                    Demo(),
                    Serve(),
                    Watch(),
                    List(),
                    Show(),
                    Diff(),
                    Explain(),
                    Status(),
                    StatsCommand.Make(Finder, Out),
                    ProgressCommand.Make(Finder, Out),
                    HealthCommand.Make(Finder, Out),
                    SupportCommand.Make(Finder, Out),
                    DoctorCommand.Make(Finder, Out),
                    TailEventsCommand.Make(),
                    TokenCommands.Make(),
                    AuditCommands.Make(),
                    ExplainErrorCommand.Make(),
                    CompletionCommand.Make(),
                    DeadLetterCommands.Build(Finder, Out),
                    WebhookCommands.Make(Finder, Out),
                    TelegramCommands.Make(Finder, Out),
                    TelegramCommands.Test(Finder, Out),
                    HostCommands.List(Finder, Out),
                    HostCommands.Drain(drained: true, Finder, Out),
                    HostCommands.Drain(drained: false, Finder, Out),
                    HostCommands.StopEverything(Finder, Out),
                    AccountCommands.Make(Finder, Out),
                    BudgetCommands.Make(Finder, Out),
                    PolicyCommands.Make(Out),
                    Validate(),
                    ScanCommand.Make(),
                    CiCommand.Make(),
                ]
        )
        {
            root.Add(command);
        }
        foreach (
            var (verb, words) in ((string, string)[])
                [
                    ("cancel", "Stop a task."),
                    ("retry", "Start another turn of an ended task."),
                    ("resume", "Resume a paused task."),
                ]
        )
        {
            root.Add(Act(verb, words));
        }
        TalkCommands.Add(root);
        GuardedCommands.Add(root);
        MergeCommands.Add(root);
        GitCommands.Add(root);
        HousekeepingCommands.Add(root);
        root.Add(ReferenceCommand.Make(root));
        VerbExamples.AddTo(root);
        return root;
    }

    /// <summary>Where to connect, from the options of every verb.</summary>
    public static SiloFinder Finder(ParseResult p) =>
        new(p.GetValue(Data), p.GetValue(Url), p.GetValue(Token));

    /// <summary>How to answer, from the options of every verb.</summary>
    public static Output Out(ParseResult p) => new(p.GetValue(Json));

    /// <summary>A folder's full path; a name that is no folder here is meant as the hosts' (<c>Runner:Repositories</c>).</summary>
    public static string Repository(string given) =>
        RepositoryNames.IsName(given) && !Directory.Exists(given) ? given : Path.GetFullPath(given);

    private static Command Submission(string name, string words, bool watch)
    {
        var request = new Argument<string>("request")
        {
            Description = "What is wanted, in plain words; - reads them from stdin.",
        };
        var repo = new Option<string?>("--repo")
        {
            Description = "Folder of the git repository, or its name on the hosts.",
        };
        var type = new Option<string?>("--type")
        {
            Description = "fix, code_review, summarize, analyze or documentation.",
        };
        var priority = new Option<string?>("--priority") { Description = "high, medium or low." };
        var branch = new Option<string?>("--base")
        {
            Description = "Branch or commit to start from.",
        };
        var runner = new Option<string?>("--runner") { Description = "claude-code or scripted." };
        var script = new Option<string?>("--script")
        {
            Description = "File with the script of a scripted run.",
        };
        var model = new Option<string?>("--model") { Description = "The agent's model." };
        var timeout = new Option<int?>("--timeout") { Description = "Seconds of wall clock." };
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "The same key is the same task.",
        };
        var id = new Option<string?>("--id") { Description = "An id of your own." };
        var constraint = TalkCommands.ConstraintOption();
        var attach = TalkCommands.AttachOption();
        var label = new Option<string[]>("--label")
        {
            Description = "What its host must offer, such as os=windows; may be repeated.",
        };
        var remote = new Option<string?>("--remote")
        {
            Description = "Open a pull request there with the work: github:owner/name.",
        };
        var ticket = new Option<string[]>("--ticket")
        {
            Description = "A ticket that it serves, such as linear:ENG-1; may be repeated.",
        };
        var command = new Command(name, words)
        {
            request,
            repo,
            remote,
            ticket,
            type,
            priority,
            branch,
            runner,
            script,
            model,
            timeout,
            key,
            id,
            label,
            constraint,
            attach,
        };
        command.SetAction(
            async (p, token) =>
            {
                var text = p.GetValue(request)!;
                var body = new SubmitRequest
                {
                    Request = text == "-" ? await Console.In.ReadToEndAsync(token) : text,
                    Repository = p.GetValue(repo) is { } named ? Repository(named) : null,
                    Type = p.GetValue(type),
                    Priority = p.GetValue(priority),
                    Labels = p.GetValue(label) is { Length: > 0 } labels ? labels : null,
                    BaseBranch = p.GetValue(branch),
                    Remote = p.GetValue(remote),
                    Tickets = p.GetValue(ticket) is { Length: > 0 } tickets ? tickets : null,
                    Runner = p.GetValue(runner),
                    Script = p.GetValue(script) is { } file
                        ? await File.ReadAllTextAsync(file, token)
                        : null,
                    Model = p.GetValue(model),
                    TimeoutSec = p.GetValue(timeout),
                    Id = p.GetValue(id),
                    Source = "cli",
                    Constraints = p.GetValue(constraint) is { Length: > 0 } demanded
                        ? demanded
                        : null,
                };
                return await TaskCommands.SubmitAsync(
                    Finder(p),
                    Out(p),
                    body,
                    p.GetValue(attach),
                    p.GetValue(key),
                    watch,
                    token
                );
            }
        );
        return command;
    }

    private static Command Run() =>
        Submission(
            "run",
            "Submit a request, watch it, show the diff. Starts a local server when none runs.",
            watch: true
        );

    private static Command Submit() =>
        Submission("submit", "Submit a request and return.", watch: false);

    private static Command Demo()
    {
        var command = new Command(
            "demo",
            "Watch a scripted agent (no AI) do a small task in a throw-away repository."
        );
        command.SetAction((p, token) => DemoCommand.RunAsync(Finder(p), Out(p), token));
        return command;
    }

    private static Command Serve()
    {
        var stop = new Option<bool>("--stop") { Description = "Stop the running server." };
        var urls = new Option<string?>("--urls") { Description = "Address to listen on." };
        var command = new Command("serve", "Run the server here, in the foreground.")
        {
            stop,
            urls,
        };
        command.SetAction(
            (p, token) =>
                ServeCommand.RunAsync(Finder(p), Out(p), p.GetValue(stop), p.GetValue(urls), token)
        );
        return command;
    }

    private static Command ForTask(
        string name,
        string words,
        Func<SiloFinder, Output, string, CancellationToken, Task<int>> act
    )
    {
        var id = new Argument<string>("id") { Description = "The task's id." };
        var command = new Command(name, words) { id };
        command.SetAction((p, token) => act(Finder(p), Out(p), p.GetValue(id)!, token));
        return command;
    }

    private static Command Watch() =>
        ForTask("watch", "Show a task live until it ends.", TaskCommands.WatchAsync);

    private static Command Show()
    {
        var id = new Argument<string>("id") { Description = "The task's id." };
        var conversation = new Option<bool>("--conversation")
        {
            Description = "What was said in it instead: the request, replies, answers.",
        };
        var markdown = new Option<bool>("--markdown")
        {
            Description = "With --conversation: as Markdown.",
        };
        var command = new Command("show", "Show a task.") { id, conversation, markdown };
        command.SetAction(
            (p, token) =>
                p.GetValue(conversation) || p.GetValue(markdown)
                    ? TalkCommands.ConversationAsync(
                        Finder(p),
                        Out(p),
                        p.GetValue(id)!,
                        p.GetValue(markdown),
                        token
                    )
                    : TaskCommands.ShowAsync(Finder(p), Out(p), p.GetValue(id)!, token)
        );
        return command;
    }

    private static Command Diff() =>
        ForTask("diff", "Show the real diff of a task.", TaskCommands.DiffAsync);

    private static Command Explain() =>
        ForTask("explain", "Say why a task is where it is.", TaskCommands.ExplainAsync);

    private static Command Act(string verb, string words)
    {
        var reason = new Option<string?>("--reason") { Description = "Why." };
        var id = new Argument<string>("id") { Description = "The task's id." };
        var command = new Command(verb, words) { id, reason };
        command.SetAction(
            (p, token) =>
                TaskCommands.ActAsync(
                    Finder(p),
                    Out(p),
                    p.GetValue(id)!,
                    verb,
                    p.GetValue(reason),
                    token
                )
        );
        return command;
    }

    private static Command List()
    {
        var phase = new Option<string?>("--phase") { Description = "Only tasks in this phase." };
        var max = new Option<int>("--max")
        {
            Description = "How many.",
            DefaultValueFactory = _ => 20,
        };
        var command = new Command("list", "List tasks, newest first.") { phase, max };
        command.SetAction(
            (p, token) =>
                TaskCommands.ListAsync(Finder(p), Out(p), p.GetValue(phase), p.GetValue(max), token)
        );
        return command;
    }

    private static Command Status()
    {
        var command = new Command("status", "Show the server, its queue and its hosts.");
        command.SetAction((p, token) => ServerCommands.StatusAsync(Finder(p), Out(p), token));
        return command;
    }

    private static Command Validate()
    {
        var legacy = new Option<bool>("--ignore-legacy")
        {
            Description = "Skip files without schema_version.",
        };
        var files = new Argument<string[]>("files")
        {
            Description = "Files or folders; default: the data directory's results.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("validate-artifacts", "Check artifacts against their schema.")
        {
            legacy,
            files,
        };
        command.SetAction(
            (p, _) =>
                Task.FromResult(
                    ServeCommand.Validate(
                        Finder(p).Data,
                        p.GetValue(legacy),
                        p.GetValue(files) ?? []
                    )
                )
        );
        return command;
    }
}
