using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners;

/// <content>What goes into the agent and what comes out of it.</content>
internal sealed partial class AgentRun
{
    // The tree is gone, so the pipes end. Should anything hold one still, what was read counts.
    private async Task DrainedAsync(Task pipes)
    {
        try
        {
            await pipes.WaitAsync(DrainMax, services.Time);
        }
        catch (TimeoutException)
        {
            drained = false;
        }
    }

    private async Task ReadOutputAsync(ProcessGroup group)
    {
        var buffer = new byte[64 * 1024];
        int n;
        while ((n = await group.StandardOutput.ReadAsync(buffer)) > 0)
        {
            Interlocked.Exchange(ref lastOutput, services.Time.GetTimestamp());
            reader.Push(buffer.AsSpan(0, n));
            captured.Add(buffer.AsSpan(0, n));
        }
    }

    private async Task ReadErrorAsync(ProcessGroup group)
    {
        var tail = new RedactedCapture(StderrMax * 2, services.Redactor);
        var buffer = new byte[4 * 1024];
        int n;
        while ((n = await group.StandardError.ReadAsync(buffer)) > 0)
        {
            Interlocked.Exchange(ref lastOutput, services.Time.GetTimestamp());
            tail.Add(buffer.AsSpan(0, n));
        }
        tail.Finish();
        var text = tail.Text;
        stderrTail = text.Length > StderrMax ? text[^StderrMax..] : text;
    }

    private static async Task FeedAsync(ProcessGroup group, byte[] input)
    {
        try
        {
            await group.StandardInput.WriteAsync(input);
            group.StandardInput.Close();
        }
        catch (IOException)
        {
            // The agent ended without reading its prompt; its end tells why.
        }
    }
}
