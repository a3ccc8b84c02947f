using System.Globalization;
using System.Text;
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
            var usage = command.Usage.Length > 0 ? " " + command.Usage : "";
            text.Append(CultureInfo.InvariantCulture, $"/{command.Name}{usage} — ")
                .Append(ChatWords.Say(language, "help." + command.Name))
                .Append('\n');
        }
        return text.Append(ChatWords.Say(language, "help-tail")).ToString();
    }

    /// <summary>A task, with why it is where it is.</summary>
    public static string Task(TaskSnapshot task, Explanation explained)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(explained);
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{ChatCards.Icon(task.Phase)} {task.TaskId} · {ChatCards.Word(task.Phase)}\n{ChatCards.Foreign(task.Title, TitleMax)}\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"{task.Kind.ToString().ToLowerInvariant()}, {task.Priority.ToString().ToLowerInvariant()}, by {task.Requester}; turn {task.Turn}, attempt {task.Attempt}\n"
        );
        if (task.Repository.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"repository {Shown(task.Repository)}\n");
        }
        text.Append(
            CultureInfo.InvariantCulture,
            $"updated {ChatCards.Time(task.UpdatedAt)}; ${task.CostUsd:0.0000}, {task.Tokens} tokens\n"
        );
        text.Append(Shown(explained.Headline)).Append('\n');
        foreach (var reason in explained.Reasons.Take(10))
        {
            text.Append("- ").Append(Shown(reason)).Append('\n');
        }
        if (task.Result?.Diff is { FilesTotal: > 0 } diff)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{diff.FilesTotal} files, +{diff.AddedLines} -{diff.DeletedLines}\n"
            );
            foreach (var file in diff.Files.Take(FilesShown))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {file.Status} {Shown(file.Path)}\n");
            }
        }
        return text.ToString().TrimEnd();
    }

    /// <summary>Tasks, one a line.</summary>
    public static string List(IReadOnlyList<TaskHead> tasks) =>
        string.Join(
            '\n',
            (tasks ?? []).Select(t =>
                $"{ChatCards.Icon(t.Phase)} {t.TaskId} {ChatCards.Word(t.Phase)} — {ChatCards.Foreign(t.Title.Length > 0 ? t.Title : t.Kind.ToString(), 60)}"
            )
        );

    /// <summary>The server.</summary>
    public static string Status(StatusReport status)
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
        text.Append(
            CultureInfo.InvariantCulture,
            $"Active: {status.Active}\nQueued: {status.Queued}\nCompleted: {status.Completed}\nFailed: {status.Failed}\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"Workers: {status.Hosts.Sum(h => h.SlotsUsed)} of {status.Hosts.Sum(h => h.Slots)} on {status.Hosts.Count} hosts\n"
        );
        text.Append(CultureInfo.InvariantCulture, $"Working directory: {status.DataDirectory}");
        return text.ToString();
    }

    /// <summary>The hosts, one a line.</summary>
    public static string Hosts(IReadOnlyList<HostInfo> hosts) =>
        string.Join(
            '\n',
            (hosts ?? []).Select(h =>
                $"{(h.State == "online" ? "🟢" : "🔴")} {h.Host} {h.State}, {h.SlotsUsed} of {h.Slots} slots{(h.Problem.Length > 0 ? ": " + Shown(h.Problem) : "")}"
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

    private static string Shown(string text) => ChatCards.Foreign(text, LineMax);
}
