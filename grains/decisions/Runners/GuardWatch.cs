using System.Text;
using System.Text.Json;

namespace Orchestrator.Decisions.Runners;

/// <summary>
/// Whether a run's guard works, by what the agent's stream tells of it: each answer of the hook is a success, and no tool
/// that changes something had an effect before the hook answered. A hook that fails lets its call through.
/// </summary>
internal sealed class GuardWatch
{
    private const int OpenMax = 1_000;
    private const ulong FnvStart = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;
    private readonly int[] answered = new int[4];
    private readonly List<(ulong Id, int Tool)> open = [];
    private readonly List<(ulong Id, bool Error)> ended = [];
    private readonly List<ulong> judged = [];

    /// <summary>Empty, or the sentence that says how the guard failed first.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>The first command that the guard wants a person to allow; null = none so far.</summary>
    public AskedCall? Asked { get; private set; }

    /// <summary>True while a call that may change something has no result.</summary>
    public bool IsWaiting => open.Count > 0;

    /// <summary>The model calls a tool.</summary>
    public void Called(ReadOnlySpan<byte> tool, ReadOnlySpan<byte> id)
    {
        var kind = Kind(tool);
        if (kind < 0)
        {
            return;
        }
        if (open.Count == OpenMax)
        {
            Fail("more calls are open at once than can be followed");
            return;
        }
        open.Add((Hash(id), kind));
    }

    /// <summary>A <c>hook_response</c> line.</summary>
    public void ReadAnswer(ReadOnlySpan<byte> text, JsonReaderOptions options)
    {
        ReadOnlySpan<byte> name = default,
            outcome = default;
        var said = "";
        var reader = new Utf8JsonReader(text, options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("hook_name"u8))
            {
                name = AssistantLine.StringOrSkip(ref reader);
            }
            else if (reader.ValueTextEquals("outcome"u8))
            {
                outcome = AssistantLine.StringOrSkip(ref reader);
            }
            else if (reader.ValueTextEquals("stderr"u8))
            {
                reader.Read();
                said = reader.TokenType == JsonTokenType.String ? reader.GetString() ?? "" : "";
                reader.Skip();
            }
            else
            {
                AssistantLine.Skip(ref reader);
            }
        }
        var before = "PreToolUse:"u8;
        if (!name.StartsWith(before))
        {
            return;
        }
        var tool = name[before.Length..];
        if (!outcome.SequenceEqual("success"u8))
        {
            Fail($"before {Shown(tool)} it ended as '{Shown(outcome)}'");
        }
        else if (Kind(tool) is >= 0 and var kind)
        {
            answered[kind]++;
            Asked ??= tool.SequenceEqual("Bash"u8) ? AskedMark.Read(said) : null;
        }
    }

    /// <summary>The agent told that a hook came to no verdict.</summary>
    public void NoVerdict(bool timedOut) =>
        Fail(timedOut ? "it did not answer in time" : "it came to no verdict");

    /// <summary>A <c>user</c> line: results of calls.</summary>
    public void ReadResults(ReadOnlySpan<byte> text, JsonReaderOptions options)
    {
        ended.Clear();
        judged.Clear();
        var reader = new Utf8JsonReader(text, options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("message"u8))
            {
                ReadMessage(ref reader);
            }
            else if (reader.ValueTextEquals("tool_result_meta"u8))
            {
                ReadParts(ref reader, meta: true);
            }
            else
            {
                AssistantLine.Skip(ref reader);
            }
        }
        foreach (var (id, error) in ended)
        {
            End(id, error);
        }
    }

    // A call with a malformed input, of a tool that is not offered, or into a folder that a rule denies ends before the hook
    // is asked: its result is an error, and it was neither accepted nor kept from being executed.
    private void End(ulong id, bool error)
    {
        var at = open.Count - 1;
        while (at >= 0 && open[at].Id != id)
        {
            at--;
        }
        if (at < 0)
        {
            return;
        }
        var tool = open[at].Tool;
        open.RemoveAt(at);
        if (error && !judged.Contains(id))
        {
            return;
        }
        if (--answered[tool] < 0)
        {
            answered[tool] = 0;
            Fail("a tool that changes files was judged without it");
        }
    }

    private void ReadMessage(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content"u8))
            {
                ReadParts(ref reader, meta: false);
            }
            else
            {
                AssistantLine.Skip(ref reader);
            }
        }
    }

    private void ReadParts(ref Utf8JsonReader reader, bool meta)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadPart(ref reader, meta);
            }
        }
    }

    private void ReadPart(ref Utf8JsonReader reader, bool meta)
    {
        ReadOnlySpan<byte> id = default;
        var (error, reached) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (meta ? reader.ValueTextEquals("id"u8) : reader.ValueTextEquals("tool_use_id"u8))
            {
                id = AssistantLine.StringOrSkip(ref reader);
            }
            else if (reader.ValueTextEquals("is_error"u8))
            {
                reader.Read();
                error = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("non_execution_kind"u8))
            {
                reached |= !AssistantLine.StringOrSkip(ref reader).IsEmpty;
            }
            else if (reader.ValueTextEquals("permission_decision"u8))
            {
                reached |= IsAccepted(ref reader);
            }
            else
            {
                AssistantLine.Skip(ref reader);
            }
        }
        if (id.IsEmpty)
        {
            return;
        }
        if (!meta)
        {
            ended.Add((Hash(id), error));
        }
        else if (reached)
        {
            judged.Add(Hash(id));
        }
    }

    private static bool IsAccepted(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }
        var accepted = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("decision"u8))
            {
                accepted = AssistantLine.StringOrSkip(ref reader).SequenceEqual("accept"u8);
            }
            else
            {
                AssistantLine.Skip(ref reader);
            }
        }
        return accepted;
    }

    private void Fail(string how)
    {
        if (Failure.Length == 0)
        {
            Failure = $"The guard of its tools does not work: {how}.";
        }
    }

    private static int Kind(ReadOnlySpan<byte> tool) =>
        tool.SequenceEqual("Write"u8) ? 0
        : tool.SequenceEqual("Edit"u8) ? 1
        : tool.SequenceEqual("Bash"u8) ? 2
        : tool.SequenceEqual("NotebookEdit"u8) ? 3
        : -1;

    private static ulong Hash(ReadOnlySpan<byte> id)
    {
        var hash = FnvStart;
        foreach (var b in id)
        {
            hash = unchecked((hash ^ b) * FnvPrime);
        }
        return hash;
    }

    private static string Shown(ReadOnlySpan<byte> text) =>
        Encoding.UTF8.GetString(text.Length > 60 ? text[..60] : text);
}
