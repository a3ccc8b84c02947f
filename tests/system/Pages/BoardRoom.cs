using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.SystemTests.Pages;

/// <summary>What there is to see on a board under test.</summary>
internal static class BoardRoom
{
    /// <summary>A policy that asks before work reaches the repository.</summary>
    public const string Guarded = """
        version: 1
        name: board
        self_approval: true
        lanes:
          code:
            types: [fix]
            write: guarded
            approvals:
              - name: somebody looks
          docs:
            types: [documentation]
            write: direct
          look:
            types: [analyze, summarize, code_review]
            write: none
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private static readonly (string Title, string Type, string? Priority, string Steps)[] Work =
    [
        (
            "Explain how carts are priced",
            "analyze",
            "low",
            """{"do":"say","text":"Prices are read once, when a line is added, and never again."}"""
        ),
        (
            "Say what the payment retry does",
            "summarize",
            null,
            """{"do":"say","text":"It tries three times, with a second in between."}"""
        ),
        (
            "Retry payments that time out",
            "analyze",
            "high",
            """{"do":"say","text":"I could not find it."},{"do":"exit","number":3}"""
        ),
        (
            "Review the new stock counter",
            "code_review",
            null,
            """{"do":"say","text":"Two of its tests cannot fail."}"""
        ),
    ];

    /// <summary>A few tasks that have ended.</summary>
    public static async Task FillAsync(SharedSilo shared)
    {
        if ((await shared.Client.ListAsync()).Tasks.Count >= Work.Length)
        {
            return;
        }
        var repository = await ShopAsync();
        foreach (var (title, type, priority, steps) in Work)
        {
            var task = await shared.Client.SubmitAsync(
                SiloProcess.Scripted(steps, repository, type) with
                {
                    Title = title,
                    Priority = priority,
                    Request = title + ".",
                }
            );
            using var limit = new CancellationTokenSource(Deadline);
            await task.WaitAsync(limit.Token);
        }
    }

    /// <summary>Tasks whose every word comes from somebody who would like to run a script on the board: one that is done, one that failed its checks.</summary>
    public static async Task<IReadOnlyList<string>> HostileAsync(SharedSilo shared)
    {
        const string Run = "globalThis.hit=1";
        const string Image = $"<img src=x onerror={Run}>";
        var repository = await ShopAsync();
        await File.WriteAllTextAsync(
            Path.Combine(repository, "notes.txt"),
            $"<svg onload={Run}>\n</textarea></pre>{Image}\n"
        );
        await File.WriteAllTextAsync(
            Path.Combine(repository, ".orchestrator.yaml"),
            $"verify:\n  - cat notes.txt\n  - \"test ! -e bad.txt # <iframe onload={Run}>\"\n"
        );
        await Git.RunAsync(repository, "add", "-A");
        await Git.RunAsync(
            repository,
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@localhost",
            "commit",
            "-q",
            "-m",
            "Be hostile"
        );
        string Steps(string file) =>
            string.Join(
                ',',
                (
                    (object[])
                        [
                            new { @do = "say", text = $"I begin <body onload={Run}>" },
                            new
                            {
                                @do = "write",
                                path = $"<img src=x onerror={Run}>.txt",
                                text = $"{Image}\n<script>{Run}</script>\njavascript:{Run}\n",
                            },
                            new
                            {
                                @do = "write",
                                path = file,
                                text = $"\u202e{Image}\n",
                            },
                            new
                            {
                                @do = "say",
                                text = $"# Done\n\n[link](javascript:{Run}) {Image}",
                            },
                        ]
                ).Select(s => JsonSerializer.Serialize(s))
            );
        var ids = new List<string>();
        foreach (
            var (file, type) in ((string, string)[])
                [("good.txt", "documentation"), ("bad.txt", "documentation")]
        )
        {
            var task = await shared.Client.SubmitAsync(
                SiloProcess.Scripted(Steps(file), repository, type) with
                {
                    Title = $"Look at {Image}",
                    Request = $"\"><script>{Run}</script> please",
                    Constraints = [$"It must hold {Image}"],
                }
            );
            using var limit = new CancellationTokenSource(Deadline);
            await task.WaitAsync(limit.Token);
            ids.Add(task.TaskId);
        }
        return ids;
    }

    /// <summary>A small shop.</summary>
    public static async Task<string> ShopAsync()
    {
        var folder = Path.Combine(SiloProcess.NewFolder(), "shop");
        Directory.CreateDirectory(Path.Combine(folder, "src"));
        Directory.CreateDirectory(Path.Combine(folder, "tests"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "src", "total.py"),
            "# Totals of invoices.\ndef total(net, tax):\n    # A cent is a cent.\n    return round(net + tax, 2)\n"
        );
        await File.WriteAllTextAsync(
            Path.Combine(folder, ".orchestrator.yaml"),
            "verify:\n  - git diff --check\n  - git log --oneline -1\n"
        );
        await Git.RunAsync(folder, "init", "-q", "-b", "main");
        await Git.RunAsync(folder, "add", "-A");
        await Git.RunAsync(
            folder,
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@localhost",
            "commit",
            "-q",
            "-m",
            "Sell things"
        );
        return folder;
    }
}
