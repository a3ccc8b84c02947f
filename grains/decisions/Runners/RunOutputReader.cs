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
    private static readonly JsonReaderOptions Json = new() { MaxDepth = 64 };

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
    public string Step => step.ToString();

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

    /// <summary>Denied tools, <c>Name target</c>: what the result line lists, else what was told on the way.</summary>
    public IReadOnlyList<string> Denials =>
        Result is { Denials.Count: > 0 } result ? result.Denials : denials;

    /// <summary>True when the account's usage window was told to be spent.</summary>
    public bool UsageLimitReached { get; private set; }

    /// <summary>When it opens again, seconds since 1970; 0 = not told.</summary>
    public long UsageResetSeconds { get; private set; }

    /// <summary>Empty, or the sentence that says how the guard of the tools failed; empty too when none is expected.</summary>
    public string GuardFailure => guard?.Failure ?? "";

    /// <summary>The command that the guard wants a person to allow first, exactly as the agent wrote it; null = none.</summary>
    public AskedCall? Asked => guard?.Asked;

    private readonly List<string> denials = [];
    private readonly AgentStepText step = new();
    private GuardWatch? guard;

    private enum LineKind
    {
        Silent,
        Assistant,
        Told,
        HookAnswer,
        User,
    }

    /// <summary>Before the first bytes: a guard answers before each tool call of this stream, or it failed.</summary>
    public void ExpectGuard() => guard ??= new GuardWatch();

    /// <summary>Takes the next bytes, cut anywhere. A line that lies whole in them is read where it lies.</summary>
    public void Push(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0)
            {
                Keep(bytes);
                return;
            }
            if (length == 0 && !skipping && end <= lineBytesMax)
            {
                EndLine(bytes[..end]);
            }
            else
            {
                Keep(bytes[..end]);
                EndKept();
            }
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>The stream ended; a last line without its end still counts.</summary>
    public void Finish()
    {
        if (length > 0 || skipping)
        {
            EndKept();
        }
    }

    private void Keep(ReadOnlySpan<byte> part)
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

    private void EndKept()
    {
        if (skipping)
        {
            Lines++;
            SkippedLines++;
        }
        else
        {
            EndLine(line.AsSpan(0, length));
        }
        skipping = false;
        length = 0;
        if (line.Length > 1024 * 1024)
        {
            line = new byte[64 * 1024]; // one huge line must not stay in memory for the rest of the run
        }
    }

    private void EndLine(ReadOnlySpan<byte> text)
    {
        Lines++;
        if (text.IsEmpty || (text.Length == 1 && text[0] == '\r'))
        {
            return;
        }
        try
        {
            switch (KindOf(text))
            {
                case LineKind.Assistant:
                    ReadAssistant(AssistantLine.Read(text, Json, guard));
                    break;
                case LineKind.HookAnswer:
                    guard?.ReadAnswer(text, Json);
                    break;
                case LineKind.User when guard is { IsWaiting: true } waiting:
                    waiting.ReadResults(text, Json);
                    break;
                case LineKind.Told:
                    var reader = new Utf8JsonReader(text, Json);
                    using (var document = JsonDocument.ParseValue(ref reader))
                    {
                        reader.Read(); // throws when something follows the object
                        Read(document.RootElement);
                    }
                    break;
                case LineKind.User:
                case LineKind.Silent:
                default:
                    break;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Whatever it was, the run goes on. Half a surrogate pair shows only when a text is compared, by the latter.
            SkippedLines++;
        }
    }

    // Most of a stream is deltas and tool results, which say nothing the run is judged by. Such a line is left at its
    // "type", without an allocation; what stands behind it is not even checked to be JSON.
    private static LineKind KindOf(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, Json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A line of the stream is an object.");
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType)
            {
                return reader.TokenType != JsonTokenType.String ? LineKind.Silent
                    : reader.ValueTextEquals("assistant"u8) ? LineKind.Assistant
                    : reader.ValueTextEquals("user"u8) ? LineKind.User
                    : reader.ValueTextEquals("system"u8) ? SystemKind(ref reader)
                    : reader.ValueTextEquals("result"u8)
                    || reader.ValueTextEquals("rate_limit_event"u8)
                        ? LineKind.Told
                    : LineKind.Silent;
            }
            reader.Skip();
        }
        return LineKind.Silent;
    }

    // A hook's two lines come with each tool call; the subtype stands right behind the type.
    private static LineKind SystemKind(ref Utf8JsonReader reader)
    {
        if (
            !reader.Read()
            || reader.TokenType != JsonTokenType.PropertyName
            || !reader.ValueTextEquals("subtype"u8)
            || !reader.Read()
            || reader.TokenType != JsonTokenType.String
        )
        {
            return LineKind.Told;
        }
        return reader.ValueTextEquals("hook_response"u8) ? LineKind.HookAnswer
            : reader.ValueTextEquals("hook_started"u8) ? LineKind.Silent
            : LineKind.Told;
    }

    private void Read(JsonElement root)
    {
        switch (Text(root, "type"))
        {
            case "system":
                ReadSystem(root);
                break;
            case "result":
                Result = RunResultLine.Read(root);
                SessionId = Result.SessionId.Length > 0 ? Result.SessionId : SessionId;
                break;
            case "rate_limit_event":
                ReadRateLimit(root);
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
            case "informational" when Text(root, "tag") == "hook_no_verdict":
                guard?.NoVerdict(
                    root.TryGetProperty("hook_no_verdict", out var verdict)
                        && verdict.ValueKind == JsonValueKind.Object
                        && verdict.TryGetProperty("timed_out", out var late)
                        && late.ValueKind == JsonValueKind.True
                );
                break;
            default:
                break;
        }
    }

    // {"rate_limit_info":{"status":"rejected","resetsAt":1735689600,...}}, as the agent's published types have it; 2.1.330
    // sent none with an API key.
    private void ReadRateLimit(JsonElement root)
    {
        if (
            root.TryGetProperty("rate_limit_info", out var info)
            && info.ValueKind == JsonValueKind.Object
            && Text(info, "status") == "rejected"
        )
        {
            UsageLimitReached = true;
            UsageResetSeconds =
                info.TryGetProperty("resetsAt", out var at)
                && at.ValueKind == JsonValueKind.Number
                && at.TryGetInt64(out var seconds)
                    ? seconds
                    : 0;
        }
    }

    private void ReadAssistant(AssistantLine said)
    {
        if (!said.Error.IsEmpty)
        {
            LastError = AgentStepText.Unescape(said.Error);
            AuthenticationFailed |= LastError == "authentication_failed";
        }
        ToolCalls += said.ToolCalls;
        if (said.HasStep)
        {
            step.Set(said.Tool, said.Subject);
        }
    }

    private void AddDenial(string denial)
    {
        if (denial.Length > 0 && denials.Count < DenialsMax && !denials.Contains(denial))
        {
            denials.Add(denial);
        }
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

    /// <summary>The words of a JSON string; empty when they hold half a surrogate pair, which parses and throws only when it is read.</summary>
    internal static string Safe(JsonElement value)
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
