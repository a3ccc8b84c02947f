using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Telegram;

/// <summary>What people are shown when they ask: a task, the tasks, the server, its hosts, a repository.</summary>
public static class ChatViews
{
    private const int TitleMax = 120;
    private const int LineMax = 300;
    private const int FilesShown = 20;

    /// <summary>The commands that a role may use.</summary>
    public static string Help(ChatRole role, string language)
    {
        var text = new StringBuilder(ChatWords.Say(language, "help-head")).Append('\n');
        foreach (var command in ChatVerbs.All.Where(c => c.Role <= role))
        {
            var usage = command.Usage(language);
            text.Append($"/{command.Name}{(usage.Length > 0 ? " " + usage : "")} — ")
                .Append(ChatWords.Say(language, "help." + command.Name))
                .Append('\n');
        }
        return text.Append(ChatWords.Say(language, "help-tail")).ToString();
    }

    /// <summary>A task, with why it is where it is.</summary>
    public static string Task(TaskSnapshot task, Explanation explained, string language)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(explained);
        var text = new StringBuilder();
        text.Append(
            $"{ChatCards.Icon(task.Phase)} {task.TaskId} · {ChatCards.Word(task.Phase, language)}\n{ChatCards.Foreign(task.Title, TitleMax)}\n"
        );
        Line(
            "show-of",
            Kind(task.Kind, language),
            ChatWords.Say(language, "priority." + Name(task.Priority)),
            task.Requester,
            task.Turn,
            task.Attempt
        );
        if (task.Repository.Length > 0)
        {
            Line("show-repository", ChatSplitter.Cut(task.Repository, LineMax));
        }
        Line(
            "show-updated",
            ChatCards.Time(task.UpdatedAt),
            task.CostUsd.ToString("0.0000", CultureInfo.InvariantCulture),
            task.Tokens
        );
        text.Append(Shown(explained.Headline)).Append('\n');
        foreach (var reason in explained.Reasons.Take(10))
        {
            text.Append("- ").Append(Shown(reason)).Append('\n');
        }
        if (task.Result?.Diff is { FilesTotal: > 0 } diff)
        {
            Line("show-files", diff.FilesTotal, diff.AddedLines, diff.DeletedLines);
            foreach (var file in diff.Files.Take(FilesShown))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {file.Status} {Shown(file.Path)}\n");
            }
        }
        return text.ToString().TrimEnd();

        void Line(string key, params ReadOnlySpan<object> values) =>
            text.Append(ChatWords.Say(language, key, values)).Append('\n');
    }

    /// <summary>Tasks, one a line.</summary>
    public static string List(IReadOnlyList<TaskHead> tasks, string language) =>
        string.Join(
            '\n',
            (tasks ?? []).Select(t =>
                $"{ChatCards.Icon(t.Phase)} {t.TaskId} {ChatCards.Word(t.Phase, language)} — {ChatCards.Foreign(t.Title.Length > 0 ? t.Title : Kind(t.Kind, language), 60)}"
            )
        );

    /// <summary>The server.</summary>
    public static string Status(StatusReport status, string language)
    {
        ArgumentNullException.ThrowIfNull(status);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Orchestrator {status.Version}\n");
        foreach (var part in status.Components)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{(part.Ok ? "✅" : "⚠️")} {part.Name}: {Shown(part.Detail)}\n"
            );
        }
        string[] lines =
        [
            ChatWords.Say(language, "status-active", status.Active),
            ChatWords.Say(language, "status-queued", status.Queued),
            ChatWords.Say(language, "status-completed", status.Completed),
            ChatWords.Say(language, "status-failed", status.Failed),
            ChatWords.Say(
                language,
                "status-workers",
                status.Hosts.Sum(h => h.SlotsUsed),
                status.Hosts.Sum(h => h.Slots),
                status.Hosts.Count
            ),
            ChatWords.Say(language, "status-data", status.DataDirectory),
        ];
        return text.Append(string.Join('\n', lines)).ToString();
    }

    /// <summary>The hosts, one a line.</summary>
    public static string Hosts(IReadOnlyList<HostInfo> hosts, string language) =>
        string.Join(
            '\n',
            (hosts ?? []).Select(h =>
                $"{(h.State == "online" ? "🟢" : "🔴")} {ChatWords.Say(language, "host-slots", h.Host, h.State, h.SlotsUsed, h.Slots)}{(h.Problem.Length > 0 ? ": " + Shown(h.Problem) : "")}"
            )
        );

    /// <summary>A repository.</summary>
    public static string Repository(RepositoryStatus status, string language)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (status.Clean)
        {
            return ChatWords.Say(language, "git-clean", status.Repository, status.Branch);
        }
        var text = new StringBuilder(
            ChatWords.Say(
                language,
                "git-changed",
                status.Repository,
                status.Branch,
                status.Changes.Count
            )
        );
        foreach (var change in status.Changes.Take(FilesShown))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {change.Status} {Shown(change.Path)}");
        }
        return text.ToString();
    }

    /// <summary>A kind of work as people read it.</summary>
    public static string Kind(TaskKind kind, string language) =>
        ChatWords.Say(language, "kind." + Name(kind));

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Shown(string text) => ChatCards.Foreign(text, LineMax);
}
