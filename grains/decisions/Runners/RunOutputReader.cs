using System.Text;
using System.Text.Json;

namespace Orchestrator.Decisions.Runners;

/// <summary>What the agent's stream has said so far (Claude Code CLI 2.1.330, <c>--output-format stream-json</c>).</summary>
public sealed class RunOutputReader(int lineBytesMax = RunOutputReader.LineBytesDefault)
{
    /// <summary>16 MiB.</summary>
    public const int LineBytesDefault = 16 * 1024 * 1024;

    private const int TextMax = 200_000;
    private const int DenialsMax = 50;

    private byte[] line = new byte[64 * 1024];
    private int length;
    private bool skipping;

    /// <summary>The session as reported.</summary>
    public string SessionId { get; private set; } = "";

    /// <summary>The model as reported.</summary>
    public string Model { get; private set; } = "";

    /// <summary>The agent's version as reported.</summary>
    public string Version { get; private set; } = "";

    /// <summary>What it does now: <c>Edit src/a.cs</c>, or the head of its last words.</summary>
    public string Step { get; private set; } = "";

    /// <summary>Tool calls seen.</summary>
    public int ToolCalls { get; private set; }

    /// <summary>Lines that were too long or no JSON.</summary>
    public int SkippedLines { get; private set; }

    /// <summary>Lines read.</summary>
    public int Lines { get; private set; }

    /// <summary>The last result line, or null.</summary>
    public RunResultLine? Result { get; private set; }

    /// <summary>The last error word of an api_retry or assistant line, or empty.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>True when an authentication failure was reported: waiting for retries is useless.</summary>
    public bool AuthenticationFailed { get; private set; }

    /// <summary>Denied tools.</summary>
    public IReadOnlyList<string> Denials => denials;

    private readonly List<string> denials = [];

    /// <summary>Takes the next bytes, cut anywhere.</summary>
    public void Push(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            Take(part);
            if (end < 0)
            {
                return;
            }
            EndLine();
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>The stream ended; a last line without its end still counts.</summary>
    public void Finish()
    {
        if (length > 0 || skipping)
        {
            EndLine();
        }
    }

    private void Take(ReadOnlySpan<byte> part)
    {
        if (skipping)
        {
            return;
        }
        if (length + part.Length > lineBytesMax)
        {
            skipping = true;
            length = 0;
            return;
        }
        if (length + part.Length > line.Length)
        {
            Array.Resize(
                ref line,
                Math.Max(length + part.Length, Math.Min(line.Length * 2, lineBytesMax))
            );
        }
        part.CopyTo(line.AsSpan(length));
        length += part.Length;
    }

    private void EndLine()
    {
        Lines++;
        if (skipping)
        {
            SkippedLines++;
        }
        else if (length > 0 && !(length == 1 && line[0] == '\r'))
        {
            Read(line.AsMemory(0, length));
        }
        skipping = false;
        length = 0;
        if (line.Length > 1024 * 1024)
        {
            line = new byte[64 * 1024]; // one huge line must not stay in memory for the rest of the run
        }
    }

    private void Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(
                text,
                new JsonDocumentOptions { MaxDepth = 64 }
            );
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                Read(document.RootElement);
                return;
            }
        }
        catch (JsonException)
        {
            // Counted below: whatever it was, the run goes on.
        }
        SkippedLines++;
    }

    private void Read(JsonElement root)
    {
        switch (Text(root, "type"))
        {
            case "system":
                ReadSystem(root);
                break;
            case "assistant":
                ReadAssistant(root);
                break;
            case "result":
                Result = RunResultLine.Read(root);
                SessionId = Result.SessionId.Length > 0 ? Result.SessionId : SessionId;
                foreach (var denial in Result.Denials)
                {
                    AddDenial(denial);
                }
                break;
            default:
                break;
        }
    }

    private void ReadSystem(JsonElement root)
    {
        switch (Text(root, "subtype"))
        {
            case "init":
                SessionId = Text(root, "session_id");
                Model = Text(root, "model");
                Version = Text(root, "claude_code_version");
                break;
            case "api_retry":
                LastError = Text(root, "error");
                AuthenticationFailed |= LastError == "authentication_failed";
                break;
            case "permission_denied":
                AddDenial(Text(root, "tool_name"));
                break;
            default:
                break;
        }
    }

    private void ReadAssistant(JsonElement root)
    {
        var error = Text(root, "error");
        if (error.Length > 0)
        {
            LastError = error;
            AuthenticationFailed |= error == "authentication_failed";
        }
        if (
            !root.TryGetProperty("message", out var message)
            || message.ValueKind != JsonValueKind.Object
            || !message.TryGetProperty("content", out var content)
            || content.ValueKind != JsonValueKind.Array
        )
        {
            return;
        }
        foreach (
            var block in content.EnumerateArray().Where(b => b.ValueKind == JsonValueKind.Object)
        )
        {
            if (Text(block, "type") == "tool_use")
            {
                ToolCalls++;
                Step = OneLine($"{Text(block, "name")} {Target(block)}");
            }
            else if (Text(block, "type") == "text")
            {
                Step = OneLine(Text(block, "text"));
            }
        }
    }

    private void AddDenial(string denial)
    {
        if (denial.Length > 0 && denials.Count < DenialsMax && !denials.Contains(denial))
        {
            denials.Add(denial);
        }
    }

    private static string Target(JsonElement block)
    {
        if (
            !block.TryGetProperty("input", out var input)
            || input.ValueKind != JsonValueKind.Object
        )
        {
            return "";
        }
        foreach (
            var name in (ReadOnlySpan<string>)
                ["file_path", "command", "pattern", "path", "notebook_path"]
        )
        {
            if (Text(input, name) is { Length: > 0 } target)
            {
                return target;
            }
        }
        return "";
    }

    internal static string OneLine(string text)
    {
        var cut = text.Length > 400 ? text[..400] : text;
        var line = new StringBuilder(cut.ReplaceLineEndings(" ").Trim());
        return line.Length > 160 ? line.ToString(0, 159) + "…" : line.ToString();
    }

    internal static string Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return "";
        }
        var text = Safe(value);
        return text.Length > TextMax ? text[..TextMax] : text;
    }

    // A string with a lone surrogate escape parses as JSON and throws only when it is read.
    private static string Safe(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}
