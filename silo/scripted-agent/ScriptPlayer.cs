using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Runners;

namespace Orchestrator.ScriptedAgent;

/// <summary>Plays a script and speaks stream-json as the real agent does.</summary>
internal sealed class ScriptPlayer(Stream output, string session, int attempt, int promptLength)
{
    private readonly string root = Path.GetFullPath(Directory.GetCurrentDirectory());
    private readonly Lock gate = new();
    private readonly List<string> outcomes = [];
    private string answer = "The script was played to its end.";
    private JsonElement? fields;
    private int turns;
    private int tools;

    public int Play(AgentScript script)
    {
        Line(
            new JsonObject
            {
                ["type"] = "system",
                ["subtype"] = "init",
                ["cwd"] = root,
                ["session_id"] = session,
                ["model"] = "scripted",
                ["claude_code_version"] = "scripted-1",
                ["prompt_length"] = promptLength,
            }
        );
        var speak = true;
        foreach (var step in script.Steps.Where(s => s.Attempt == 0 || s.Attempt == attempt))
        {
            turns++;
            switch (step.Do)
            {
                case "exit":
                    return step.Number;
                case "crash":
                    Process.GetCurrentProcess().Kill();
                    break;
                case "hang":
                    Wait(Timeout.Infinite);
                    break;
                case "no-result":
                    speak = false;
                    break;
                case "result":
                    answer = step.Text.Length > 0 ? step.Text : answer;
                    fields = step.Fields;
                    break;
                case var act when HostileActs.Known.Contains(act):
                    Tool("Bash", act);
                    outcomes.Add(HostileActs.Play(step, root));
                    answer = string.Join('\n', outcomes);
                    break;
                default:
                    Do(step);
                    break;
            }
        }
        if (!speak)
        {
            return 0;
        }
        var result = Result("success", false, "completed");
        return result["is_error"]?.GetValue<bool>() == true ? 1 : 0;
    }

    public void Interrupted(PosixSignalContext context)
    {
        context.Cancel = true;
        Result("error_during_execution", true, "aborted_tools");
        Environment.Exit(0);
    }

    private static void Wait(int milliseconds)
    {
        using var forever = new ManualResetEventSlim();
        forever.Wait(milliseconds);
    }

    private void Do(AgentScriptStep step)
    {
        switch (step.Do)
        {
            case "say":
                answer = step.Text;
                Say(step.Text);
                break;
            case "write":
                Tool("Write", step.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(Full(step.Path))!);
                File.WriteAllText(Full(step.Path), step.Text);
                break;
            case "append":
                Tool("Edit", step.Path);
                File.AppendAllText(Full(step.Path), step.Text);
                break;
            case "edit":
                Tool("Edit", step.Path);
                File.WriteAllText(
                    Full(step.Path),
                    File.ReadAllText(Full(step.Path))
                        .Replace(step.Find, step.Text, StringComparison.Ordinal)
                );
                break;
            case "delete":
                Tool("Bash", "rm " + step.Path);
                File.Delete(Full(step.Path));
                break;
            case "run":
                Tool("Bash", string.Join(' ', step.Command));
                Run(step.Command);
                break;
            case "commit":
                Tool("Bash", "git commit");
                Run(["git", "add", "-A"]);
                Run([
                    "git",
                    "-c",
                    "user.name=agent",
                    "-c",
                    "user.email=agent@localhost",
                    "commit",
                    "-q",
                    "-m",
                    step.Text,
                ]);
                break;
            case "sleep":
                Wait(step.Milliseconds);
                break;
            case "grandchild":
                Grandchild(step.Milliseconds);
                break;
            case "output":
                Raw(new string('x', step.Number));
                break;
            case "raw":
                Raw(step.Text);
                break;
            case "bytes":
                output.Write(Convert.FromBase64String(step.Text));
                output.Flush();
                break;
            case "flood":
                Flood(output, step.Number);
                break;
            case "stderr":
                using (var error = Console.OpenStandardError())
                {
                    Flood(error, step.Number);
                }
                break;
            default:
                throw new UnreachableException(step.Do);
        }
    }

    private static void Flood(Stream stream, int mebibytes)
    {
        var line = Encoding.UTF8.GetBytes(
            "{\"type\":\"user\",\"message\":\"" + new string('x', 1_000) + "\"}\n"
        );
        for (long left = mebibytes * 1024L * 1024L; left > 0; left -= line.Length)
        {
            stream.Write(line);
        }
        stream.Flush();
    }

    // Leaves the process group and outlives its parent, as a daemon would.
    private static void Grandchild(int milliseconds)
    {
        var own = Environment.ProcessPath!;
        var time = milliseconds.ToString(CultureInfo.InvariantCulture);
        var info = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("/usr/bin/setsid", ["--fork", own, "--linger", time])
            : new ProcessStartInfo(own, ["--linger", time]);
        using var child = Process.Start(info);
    }

    private string Full(string path) => Path.Combine(root, path);

    private void Run(IReadOnlyList<string> command)
    {
        var info = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        Line(
            new JsonObject
            {
                ["type"] = "user",
                ["message"] = new JsonObject
                {
                    ["content"] = new JsonArray(
                        new JsonObject
                        {
                            ["type"] = "tool_result",
                            ["tool_use_id"] =
                                "toolu_" + tools.ToString(CultureInfo.InvariantCulture),
                            ["content"] = text.Length > 4_000 ? text[..4_000] : text,
                            ["is_error"] = process.ExitCode != 0,
                        }
                    ),
                },
            }
        );
    }

    private void Say(string text) =>
        Line(
            new JsonObject
            {
                ["type"] = "assistant",
                ["message"] = new JsonObject
                {
                    ["content"] = new JsonArray(
                        new JsonObject { ["type"] = "text", ["text"] = text }
                    ),
                },
            }
        );

    private void Tool(string name, string target)
    {
        tools++;
        Line(
            new JsonObject
            {
                ["type"] = "assistant",
                ["message"] = new JsonObject
                {
                    ["content"] = new JsonArray(
                        new JsonObject
                        {
                            ["type"] = "tool_use",
                            ["id"] = "toolu_" + tools.ToString(CultureInfo.InvariantCulture),
                            ["name"] = name,
                            ["input"] = new JsonObject
                            {
                                [name == "Bash" ? "command" : "file_path"] = target,
                            },
                        }
                    ),
                },
            }
        );
    }

    private JsonObject Result(string subtype, bool isError, string reason)
    {
        var result = new JsonObject
        {
            ["duration_api_ms"] = 0,
            ["subtype"] = subtype,
            ["is_error"] = isError,
            ["num_turns"] = turns,
            ["result"] = answer,
            ["session_id"] = session,
            ["total_cost_usd"] = 0,
            ["usage"] = new JsonObject { ["input_tokens"] = 0, ["output_tokens"] = 0 },
            ["permission_denials"] = new JsonArray(),
            ["terminal_reason"] = reason,
            ["type"] = "result",
        };
        foreach (var field in fields?.EnumerateObject() ?? default)
        {
            result[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        }
        Line(result);
        return result;
    }

    private void Line(JsonObject line) => Raw(line.ToJsonString());

    private void Raw(string line)
    {
        lock (gate)
        {
            output.Write(Encoding.UTF8.GetBytes(line + "\n"));
            output.Flush();
        }
    }
}
