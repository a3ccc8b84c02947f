using System.CommandLine;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Cli;

/// <summary>Verbs that go on with a task: reply, fork, the conversation.</summary>
internal static class TalkCommands
{
    private const int EntriesPage = 1_000;

    /// <summary>Adds them.</summary>
    public static void Add(RootCommand root)
    {
        root.Add(Reply());
        root.Add(Fork());
    }

    /// <summary>What must hold in every turn.</summary>
    public static Option<string[]> ConstraintOption() =>
        new("--constraint")
        {
            Description = "What must hold in this turn and all later ones; may be repeated.",
        };

    /// <summary>Files to send along.</summary>
    public static Option<string[]> AttachOption() =>
        new("--attach")
        {
            Description =
                "File to send along: text, PNG, JPEG, GIF, WebP or PDF, at most 20 MiB; may be repeated.",
        };

    /// <summary>Stores files, to be named in a request or a reply; null without any.</summary>
    public static async Task<IReadOnlyList<AttachedFile>?> UploadAsync(
        OrchestratorClient client,
        string[]? files,
        CancellationToken token
    )
    {
        var stored = new List<AttachedFile>();
        foreach (var file in files ?? [])
        {
            // Asked before it is read: nobody wants two gigabytes in memory to be told that they are too many.
            if (new FileInfo(file) is { Exists: true, Length: > Attachment.BytesMax } large)
            {
                throw new OrchestratorException(
                    new GrainInterfaces.Failures.Failure(
                        GrainInterfaces.Failures.FailureCodes.InvalidRequest,
                        $"{file} has {large.Length} bytes, the most taken are {Attachment.BytesMax}. Send the part that matters, or put it into the repository."
                    ),
                    ExitCodes.Usage
                );
            }
            var answer = await client.UploadAsync(
                Path.GetFileName(file),
                await File.ReadAllBytesAsync(file, token),
                token
            );
            stored.Add(new AttachedFile(answer.Name, answer.Blob));
        }
        return stored.Count > 0 ? stored : null;
    }

    /// <summary>Prints the whole conversation.</summary>
    public static async Task<int> ConversationAsync(
        SiloFinder finder,
        Output output,
        string id,
        bool markdown,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        if (markdown)
        {
            Output.Line((await client.GetConversationMarkdownAsync(id, token)).TrimEnd());
            return ExitCodes.Done;
        }
        var entries = new List<ConversationEntry>();
        int? next = 0;
        while (next is { } after)
        {
            var page = await client.GetConversationAsync(id, after, EntriesPage, token);
            entries.AddRange(page.Entries);
            next = page.Next;
        }
        output.Answer(
            new ConversationPage(id, entries, entries.Count, null),
            OrchestratorJson.Default.ConversationPage,
            _ => Print(entries)
        );
        return ExitCodes.Done;
    }

    private static void Print(List<ConversationEntry> entries)
    {
        foreach (var entry in entries)
        {
            var turn =
                entry.Withdrawn ? "withdrawn"
                : entry.Turn == 0 ? "waiting"
                : $"turn {entry.Turn}";
            var by = entry.Channel.Length > 0 ? $" by {entry.Channel}" : "";
            Output.Line(
                Output.Paint(
                    $"{turn, -9}  {entry.Role} {entry.Author}{by}  {entry.At.ToLocalTime():yyyy-MM-dd HH:mm:ss}",
                    entry.Role == "agent" ? 36 : 33
                )
            );
            foreach (var line in entry.Text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
            {
                Output.Line("    " + line);
            }
            foreach (var constraint in entry.Constraints)
            {
                Output.Line("    from now on: " + constraint);
            }
            foreach (var file in entry.Attachments)
            {
                Output.Line("    attached: " + file);
            }
        }
    }

    private static Command Reply()
    {
        var id = new Argument<string>("id") { Description = "The task's id." };
        var text = new Argument<string>("text")
        {
            Description = "What the next turn is to do; - reads it from stdin.",
        };
        var constraint = ConstraintOption();
        var type = new Option<string?>("--type")
        {
            Description =
                "From this turn on: fix, code_review, summarize, analyze or documentation.",
        };
        var priority = new Option<string?>("--priority")
        {
            Description = "From this turn on: high, medium or low.",
        };
        var interrupt = new Option<bool>("--interrupt")
        {
            Description = "Stop what is under way for it, instead of waiting for its end.",
        };
        var attach = AttachOption();
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "The same key is the same reply.",
        };
        var script = new Option<string?>("--script")
        {
            Description = "File with the script of a scripted run.",
        };
        var watch = new Option<bool>("--watch")
        {
            Description = "Watch until the reply's turn has ended, and show the diff.",
        };
        var command = new Command("reply", "Continue a task with another turn.")
        {
            id,
            text,
            constraint,
            type,
            priority,
            interrupt,
            attach,
            key,
            script,
            watch,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var task = p.GetValue(id)!;
                var before = p.GetValue(watch) ? (await client.GetAsync(task, token)).Version : 0;
                var words = p.GetValue(text)!;
                var answer = await client.ReplyAsync(
                    task,
                    new ReplyRequest
                    {
                        Text = words == "-" ? await Console.In.ReadToEndAsync(token) : words,
                        Constraints = p.GetValue(constraint) is { Length: > 0 } c ? c : null,
                        Type = p.GetValue(type),
                        Priority = p.GetValue(priority),
                        Interrupt = p.GetValue(interrupt) ? true : null,
                        Attachments = await UploadAsync(client, p.GetValue(attach), token),
                        Script = p.GetValue(script) is { } file
                            ? await File.ReadAllTextAsync(file, token)
                            : null,
                        Source = "cli",
                    },
                    p.GetValue(key),
                    token
                );
                if (!p.GetValue(watch))
                {
                    CommandLine
                        .Out(p)
                        .Answer(
                            answer,
                            OrchestratorJson.Default.ReplyAnswer,
                            a => Output.Line(Words(a))
                        );
                    return ExitCodes.Done;
                }
                await Console.Error.WriteLineAsync(Words(answer));
                return await TaskCommands.WatchToEndAsync(
                    CommandLine.Finder(p),
                    CommandLine.Out(p),
                    task,
                    before,
                    token
                );
            }
        );
        return command;
    }

    private static string Words(ReplyAnswer answer) =>
        answer.Waiting
            ? $"{answer.Task.TaskId} is {answer.Task.Phase} in turn {answer.Task.Turn}; {answer.Task.RepliesWaiting} {(answer.Task.RepliesWaiting == 1 ? "reply waits" : "replies wait")} for its end"
            : $"{answer.Task.TaskId} is {answer.Task.Phase} in turn {answer.Task.Turn}";

    private static Command Fork()
    {
        var id = new Argument<string>("id") { Description = "The task to begin from." };
        var request = new Argument<string>("request")
        {
            Description = "What the new task is to do; - reads it from stdin.",
        };
        var turn = new Option<int?>("--turn")
        {
            Description =
                "The turn whose end it begins from; default: the last one that has ended.",
        };
        var constraint = ConstraintOption();
        var type = new Option<string?>("--type")
        {
            Description = "fix, code_review, summarize, analyze or documentation.",
        };
        var priority = new Option<string?>("--priority") { Description = "high, medium or low." };
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "The same key is the same task.",
        };
        var own = new Option<string?>("--id") { Description = "An id of your own." };
        var script = new Option<string?>("--script")
        {
            Description = "File with the script of a scripted run.",
        };
        var watch = new Option<bool>("--watch") { Description = "Watch it to its end." };
        var command = new Command("fork", "Submit a new task that begins from a turn of another.")
        {
            id,
            request,
            turn,
            constraint,
            type,
            priority,
            key,
            own,
            script,
            watch,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var words = p.GetValue(request)!;
                var task = await client.ForkAsync(
                    p.GetValue(id)!,
                    new ForkRequest
                    {
                        Request = words == "-" ? await Console.In.ReadToEndAsync(token) : words,
                        Turn = p.GetValue(turn),
                        Id = p.GetValue(own),
                        Type = p.GetValue(type),
                        Priority = p.GetValue(priority),
                        Constraints = p.GetValue(constraint) is { Length: > 0 } c ? c : null,
                        Script = p.GetValue(script) is { } file
                            ? await File.ReadAllTextAsync(file, token)
                            : null,
                        Source = "cli",
                    },
                    p.GetValue(key),
                    token
                );
                if (p.GetValue(watch))
                {
                    await Console.Error.WriteLineAsync(task.TaskId);
                    return await TaskCommands.WatchToEndAsync(
                        CommandLine.Finder(p),
                        CommandLine.Out(p),
                        task.TaskId,
                        0,
                        token
                    );
                }
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.GetAsync(task.TaskId, token),
                        OrchestratorJson.Default.TaskSnapshot,
                        t => Output.Line(t.TaskId)
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }
}
