using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>Plays a scenario of tests/tools/browser in a real chromium and brings back what it saw.</summary>
internal static class BrowserRun
{
    private const string Chromium = "/usr/bin/chromium";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(8);

    /// <summary>Folder for pictures: docs/images with <c>ORCHESTRATOR_WRITE_IMAGES=1</c>, else none.</summary>
    public static string? Images =>
        Environment.GetEnvironmentVariable("ORCHESTRATOR_WRITE_IMAGES") == "1"
            ? Path.GetFullPath(Path.Combine(NodeTool.Folder(), "..", "..", "docs", "images"))
            : null;

    /// <summary>Plays one.</summary>
    /// <param name="scenario">A name of main.mjs.</param>
    /// <param name="order">What it needs to know.</param>
    /// <exception cref="InvalidOperationException">There is no browser, or what it looked for did not come.</exception>
    public static async Task<JsonNode> PlayAsync(string scenario, JsonObject order)
    {
        if (!File.Exists(Chromium))
        {
            throw new InvalidOperationException(
                $"{Chromium} is missing: the board cannot be shown to work without a browser. apt-get install chromium."
            );
        }
        using var process = Process.Start(
            new ProcessStartInfo(
                "node",
                [
                    Path.Combine(NodeTool.Folder(), "browser", "main.mjs"),
                    scenario,
                    order.ToJsonString(),
                ]
            )
            {
                WorkingDirectory = NodeTool.Folder(),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var said = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException(
                $"The scenario {scenario} did not end within {Deadline}. It said: {await error}"
            );
        }
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The scenario {scenario} failed: {await error}");
        }
        return JsonNode.Parse((await said).Trim().Split('\n')[^1])!;
    }

    /// <summary>A list of texts in an answer.</summary>
    public static IReadOnlyList<string> Texts(this JsonNode answer, string name) =>
        [.. answer[name]!.AsArray().Select(n => n!.GetValue<string>())];

    /// <summary>A number in an answer.</summary>
    public static int Number(this JsonNode answer, string name) => answer[name]!.GetValue<int>();

    /// <summary>A text in an answer.</summary>
    public static string Text(this JsonNode answer, string name) =>
        answer[name]!.GetValue<string>();
}
