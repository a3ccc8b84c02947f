using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Decisions.Runners;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>
/// A Job Object that ends all its processes when its last handle is closed, by the product or by its death. The child is
/// put into it by the call that creates it, so that nothing it starts can be outside.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsJob : IDisposable
{
    private const int BasicAccounting = 1;
    private const int ExtendedLimit = 9;
    private const int UserInterface = 4;
    private const uint KillOnJobClose = 0x2000;
    private const uint JobMemory = 0x200;
    private const uint ActiveProcess = 0x8;
    private const uint DieOnException = 0x400;

    // Handles of others' windows, clipboard, settings of the display and the system, desktops, log-off.
    private const uint EveryInteraction = 0xff;
    private const nint JobList = 0x2000D;
    private const nint HandleList = 0x20002;
    private const int UseStandardHandles = 0x100;
    private const uint ExtendedStartup = 0x80000;
    private const uint UnicodeEnvironment = 0x400;
    private const uint NoWindow = 0x08000000;

    // Of the child's input, output and error, as we see them.
    private static readonly PipeDirection[] Directions =
    [
        PipeDirection.Out,
        PipeDirection.In,
        PipeDirection.In,
    ];

    private nint job;

    /// <summary>An empty job.</summary>
    /// <param name="terms">Limits of its processes; null = none.</param>
    /// <exception cref="Win32Exception">Windows refused.</exception>
    public WindowsJob(SandboxTerms? terms = null)
    {
        job = CreateJobObjectW(0, 0);
        if (job == 0)
        {
            throw new Win32Exception();
        }
        ExtendedLimits limits = default;
        limits.Flags = KillOnJobClose;
        if (terms is not null)
        {
            limits.Flags |= JobMemory | ActiveProcess | DieOnException;
            limits.JobMemory = (nuint)terms.MemoryMiB * 1024 * 1024;
            limits.ActiveLimit = (uint)terms.ProcessesMax;
        }
        var interaction = EveryInteraction;
        if (
            SetInformationJobObject(job, ExtendedLimit, &limits, sizeof(ExtendedLimits)) == 0
            || (
                terms is not null
                && SetInformationJobObject(job, UserInterface, &interaction, sizeof(uint)) == 0
            )
        )
        {
            var problem = new Win32Exception();
            Dispose();
            throw problem;
        }
    }

    /// <summary>Processes in it that live; some systems count console hosts too, so compare with zero only.</summary>
    public uint Active
    {
        get
        {
            Accounting accounting;
            return
                job != 0
                && QueryInformationJobObject(
                    job,
                    BasicAccounting,
                    &accounting,
                    sizeof(Accounting),
                    null
                ) != 0
                ? accounting.Active
                : 0;
        }
    }

    /// <summary>Ends every process in it.</summary>
    public void Terminate()
    {
        if (job != 0)
        {
            _ = TerminateJobObject(job, 1);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (job != 0)
        {
            _ = CloseHandle(job);
        }
        job = 0;
    }

    /// <summary>Starts a child in it. Only its three pipe ends are inherited.</summary>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public WindowsChild Start(ProcessOrder order, IReadOnlyDictionary<string, string> variables)
    {
        var pipes = new List<WindowsPipe>();
        try
        {
            foreach (var direction in Directions)
            {
                pipes.Add(new WindowsPipe(direction));
            }
            var (process, pid) = Create(order, variables, [.. pipes.Select(p => p.Theirs)]);
            return new WindowsChild(process, pid, pipes[0].Ours, pipes[1].Ours, pipes[2].Ours);
        }
        catch
        {
            pipes.ForEach(p => p.Dispose());
            throw;
        }
        finally
        {
            // The child has its copies; ours must go, or the end of its output never arrives.
            pipes.ForEach(p => p.Theirs.Dispose());
        }
    }

    private (nint Process, int Pid) Create(
        ProcessOrder order,
        IReadOnlyDictionary<string, string> variables,
        SafeFileHandle[] ends
    )
    {
        using var token = order.Enclosure is null ? null : new WindowsToken();
        foreach (var writable in order.Enclosure?.Folders ?? [])
        {
            WindowsToken.Open(writable);
        }
        nint list = 0;
        nint size = 0;
        var jobHandle = job;
        var handles = stackalloc nint[3];
        for (var i = 0; i < ends.Length; i++)
        {
            handles[i] = ends[i].DangerousGetHandle();
        }
        try
        {
            _ = InitializeProcThreadAttributeList(0, 2, 0, ref size);
            list = Marshal.AllocHGlobal(size);
            if (
                InitializeProcThreadAttributeList(list, 2, 0, ref size) == 0
                || UpdateProcThreadAttribute(list, 0, JobList, &jobHandle, sizeof(nint), 0, 0) == 0
                || UpdateProcThreadAttribute(list, 0, HandleList, handles, 3 * sizeof(nint), 0, 0)
                    == 0
            )
            {
                throw new Win32Exception();
            }
            StartupInfo startup = default;
            startup.Size = sizeof(StartupInfo);
            startup.Flags = UseStandardHandles;
            startup.Input = handles[0];
            startup.Output = handles[1];
            startup.Error = handles[2];
            startup.Attributes = list;
            ProcessInfo info;
            // The call may write into the line.
            var line = (
                WindowsCommandLine.Write(order.Executable, order.Arguments, order.RawTail) + "\0"
            ).ToCharArray();
            fixed (char* lineStart = line)
            fixed (char* block = WindowsCommandLine.Variables(variables))
            fixed (char* program = order.Executable)
            fixed (char* folder = order.WorkingDirectory)
            {
                const uint Flags = ExtendedStartup | UnicodeEnvironment | NoWindow;
                var started = token is null
                    ? CreateProcessW(
                        program,
                        lineStart,
                        0,
                        0,
                        1,
                        Flags,
                        block,
                        folder,
                        &startup,
                        &info
                    )
                    : WindowsToken.CreateProcessAsUserW(
                        token.Handle,
                        program,
                        lineStart,
                        0,
                        0,
                        1,
                        Flags,
                        block,
                        folder,
                        &startup,
                        &info
                    );
                if (started == 0)
                {
                    throw new Win32Exception();
                }
            }
            _ = CloseHandle(info.Thread);
            return (info.Process, info.Pid);
        }
        finally
        {
            if (list != 0)
            {
                DeleteProcThreadAttributeList(list);
                Marshal.FreeHGlobal(list);
            }
        }
    }

#pragma warning disable CS0649, IDE0044, IDE0051, CA1823, CS0169, SA1400 // layouts of the system
    [StructLayout(LayoutKind.Sequential)]
    private struct ExtendedLimits
    {
        private long processTime;
        private long jobTime;
        public uint Flags;
        private nuint workingSetMin;
        private nuint workingSetMax;
        public uint ActiveLimit;
        private nuint affinity;
        private uint priority;
        private uint scheduling;
        private fixed ulong io[6];
        private nuint processMemory;
        public nuint JobMemory;
        private nuint peakProcess;
        private nuint peakJob;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Accounting
    {
        private long userTime;
        private long kernelTime;
        private long periodUserTime;
        private long periodKernelTime;
        private uint faults;
        private uint total;
        public uint Active;
        private uint terminated;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ProcessInfo
    {
        public nint Process;
        public nint Thread;
        public int Pid;
        private int threadId;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StartupInfo
    {
        public int Size;
        private nint reserved;
        private nint desktop;
        private nint title;
        private int x;
        private int y;
        private int width;
        private int height;
        private int columns;
        private int rows;
        private int fill;
        public int Flags;
        private short show;
        private short reservedLength;
        private nint reservedBytes;
        public nint Input;
        public nint Output;
        public nint Error;
        public nint Attributes;
    }
#pragma warning restore CS0649, IDE0044, IDE0051, CA1823, CS0169, SA1400

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint CreateJobObjectW(nint security, nint name);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int SetInformationJobObject(nint job, int kind, void* data, int length);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int QueryInformationJobObject(
        nint job,
        int kind,
        void* data,
        int length,
        int* used
    );

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int TerminateJobObject(nint job, uint exitCode);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int CloseHandle(nint handle);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int InitializeProcThreadAttributeList(
        nint list,
        int count,
        int flags,
        ref nint size
    );

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int UpdateProcThreadAttribute(
        nint list,
        uint flags,
        nint kind,
        void* value,
        nint size,
        nint previous,
        nint previousSize
    );

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32")]
    private static partial void DeleteProcThreadAttributeList(nint list);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int CreateProcessW(
        char* program,
        char* line,
        nint processSecurity,
        nint threadSecurity,
        int inherit,
        uint flags,
        void* environment,
        char* folder,
        void* startup,
        void* information
    );
}
