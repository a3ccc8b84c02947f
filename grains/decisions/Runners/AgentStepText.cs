using System.Text.Json;

namespace Orchestrator.Decisions.Runners;

/// <summary>
/// The agent's current step. It is set by every assistant line and read twice a second, so the line's raw parts are
/// kept and made a text when somebody asks. May be set and read by two threads.
/// </summary>
internal sealed class AgentStepText
{
    private const int BytesMax = 4_096;

    private readonly Lock gate = new();
    private readonly byte[] raw = new byte[BytesMax];
    private int toolLength;
    private int subjectLength;
    private string? text = "";

    /// <summary>Takes a step: a tool and what it works on, or (no tool) words. Both as escaped JSON string contents.</summary>
    public void Set(ReadOnlySpan<byte> tool, ReadOnlySpan<byte> subject)
    {
        if (tool.Length + subject.Length > BytesMax)
        {
            var whole = Compose(tool, subject);
            lock (gate)
            {
                text = whole;
            }
            return;
        }
        lock (gate)
        {
            text = null;
            tool.CopyTo(raw);
            subject.CopyTo(raw.AsSpan(tool.Length));
            (toolLength, subjectLength) = (tool.Length, subject.Length);
        }
    }

    /// <summary>One line of at most 160 characters.</summary>
    public override string ToString()
    {
        lock (gate)
        {
            return text ??= Compose(
                raw.AsSpan(0, toolLength),
                raw.AsSpan(toolLength, subjectLength)
            );
        }
    }

    /// <summary>The text of a JSON string's escaped content; empty when an escape stands for no character.</summary>
    public static string Unescape(ReadOnlySpan<byte> content)
    {
        byte[] quoted = [(byte)'"', .. content, (byte)'"'];
        var reader = new Utf8JsonReader(quoted);
        try
        {
            reader.Read();
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return ""; // half a surrogate pair
        }
    }

    private static string Compose(ReadOnlySpan<byte> tool, ReadOnlySpan<byte> subject) =>
        RunOutputReader.OneLine(
            tool.IsEmpty ? Unescape(subject) : $"{Unescape(tool)} {Unescape(subject)}"
        );
}
