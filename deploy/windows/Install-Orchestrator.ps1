#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Installs the control service, the runner at a user's logon, or both. Run again, it upgrades or changes what is there.
.DESCRIPTION
The release is copied beside the installed one, the silo is stopped gracefully, pointed to the new one and started. When the
control service does not get ready, the old one is put back. -WhatIf shows what would be done.

Without a connection string a silo keeps everything in its own data folder and does both jobs: install either role, not both.
With one, the control service holds tasks and queue, and each runner is a silo of the same cluster that runs agents as the
user whose login the agent's program needs.
.EXAMPLE
.\Install-Orchestrator.ps1 -Role Runner
One machine, one user: a silo on embedded files, started at this user's logon.
.EXAMPLE
.\Install-Orchestrator.ps1 -Role Control,Runner -ConnectionString (Read-Host -AsSecureString)
Control as a service, agents as this user, both on one PostgreSQL database.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # What to install here.
    [ValidateSet('Control', 'Runner')][string[]]$Role = @('Control'),
    # The release folder; default: the one that holds this script's folder.
    [string]$Source = [IO.Path]::GetDirectoryName($PSScriptRoot),
    [string]$InstallFolder = [IO.Path]::Combine($env:ProgramFiles, 'Orchestrator'),
    # One folder below it for each silo.
    [string]$DataFolder = [IO.Path]::Combine($env:ProgramData, 'Orchestrator'),
    [ValidatePattern('^[A-Za-z0-9]{1,64}$')][string]$ServiceName = 'OrchestratorControl',
    # Account of the service; default: the virtual account NT SERVICE\<ServiceName>. It needs the right to log on as a service.
    [pscredential]$ServiceCredential,
    # The user whose logon starts the runner; default: who runs this.
    [string]$RunnerUser = [Security.Principal.WindowsIdentity]::GetCurrent().Name,
    # PostgreSQL, as Npgsql reads it. Goes into the data folders' .env files. Not given: what stands there stays.
    [securestring]$ConnectionString,
    # Where the control service answers HTTP. Loopback: for other machines put a TLS proxy in front of it.
    [string]$Url = 'http://127.0.0.1:5140',
    # Where other silos reach this machine, and the ports of control and runner.
    [string]$ClusterAddress = '127.0.0.1',
    [ValidateRange(1, 65535)][int]$SiloPort = 11111,
    [ValidateRange(1, 65535)][int]$RunnerSiloPort = 11112,
    # The machines that may reach those ports; needed when ClusterAddress is not loopback.
    [string[]]$RemoteAddress = @(),
    # Silos do not encrypt what they say. This says that the network itself is safe (a VPN).
    [switch]$AllowPlaintext,
    # Further settings for the .env files, such as @{ ANTHROPIC_API_KEY = '...'; Runner__Slots = 4 }.
    [hashtable]$Setting = @{}
)
. ([IO.Path]::Combine($PSScriptRoot, 'Orchestrator.Deploy.ps1'))

function Install-ControlService {
    <#
    .SYNOPSIS
    Makes or upgrades the service; puts the old program back when the new one does not get ready.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$Program,
        [Parameter(Mandatory)][string]$Data,
        [Parameter(Mandatory)][Collections.IDictionary]$Values
    )
    $log = [IO.Path]::Combine($Data, 'logs', 'silo.log')
    $exe = [IO.Path]::Combine($Program, 'orchestrator-silo.exe')
    $pathName = "`"$exe`" --data `"$Data`" --urls $Url --log-file `"$log`""
    $sid = if ($ServiceCredential) { Get-AccountSid $ServiceCredential.UserName } else { Get-ServiceSid $ServiceName }
    if (-not $PSCmdlet.ShouldProcess($ServiceName, "Install the service: $pathName")) {
        return
    }
    $before = $null
    $settingsBefore = Get-Setting $Data
    if (Get-Service -Name $ServiceName -ErrorAction SilentlyContinue) {
        $before = (Get-CimInstance -ClassName Win32_Service -Filter "Name='$ServiceName'").PathName
        Stop-ControlService $ServiceName
    }
    Set-DataFolder $Data $sid
    Set-Setting $Data $Values
    if (-not $before) {
        [void](New-Service -Name $ServiceName -BinaryPathName $pathName -DisplayName 'Orchestrator control' `
                -Description 'Holds the tasks and the queue of Orchestrator.' -StartupType Manual)
    }
    Set-ServiceProgram -Name $ServiceName -PathName $pathName -StartName "NT SERVICE\$ServiceName" -Credential $ServiceCredential
    Invoke-Program 'sc.exe' @('config', $ServiceName, 'start=', 'delayed-auto')
    # After a death: again after 5, 30, then every 60 seconds; a day without one forgets the count. Also after an end with an error.
    Invoke-Program 'sc.exe' @('failure', $ServiceName, 'reset=', '86400', 'actions=', 'restart/5000/restart/30000/restart/60000')
    Invoke-Program 'sc.exe' @('failureflag', $ServiceName, '1')
    $problem = ''
    try {
        Start-Service -Name $ServiceName
        if (-not (Wait-SiloReady $Data)) {
            $problem = 'it did not get ready in time'
        }
    }
    catch {
        $problem = $_.Exception.Message
    }
    if ($problem) {
        if ($before -and $before -ne $pathName) {
            Stop-ControlService $ServiceName
            [IO.File]::WriteAllText([IO.Path]::Combine($Data, '.env'), $settingsBefore)
            Set-ServiceProgram -Name $ServiceName -PathName $before
            Start-Service -Name $ServiceName
            throw "The new release does not run ($problem); the old one was started again: $before. The log: $log"
        }
        throw "The service $ServiceName does not run: $problem. The log: $log"
    }
}

function Install-Runner {
    <#
    .SYNOPSIS
    Makes or upgrades the task that starts a silo at the user's logon.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$Program,
        [Parameter(Mandatory)][string]$Data,
        [Parameter(Mandatory)][Collections.IDictionary]$Values
    )
    $name = "Orchestrator runner $($RunnerUser.Replace('\', '-'))"
    if (-not $PSCmdlet.ShouldProcess($name, "Start a silo at the logon of $RunnerUser on $Data")) {
        return
    }
    Stop-Silo $Program $Data
    Set-DataFolder $Data (Get-AccountSid $RunnerUser)
    Set-Setting $Data $Values
    $log = [IO.Path]::Combine($Data, 'logs', 'silo.log')
    $action = New-ScheduledTaskAction -Execute ([IO.Path]::Combine($Program, 'orchestrator-silo.exe')) `
        -Argument "--data `"$Data`" --urls http://127.0.0.1:0 --log-file `"$log`""
    $trigger = New-ScheduledTaskTrigger -AtLogOn -User $RunnerUser
    # No time limit (zero), also on batteries; a silo that dies is started again every minute.
    $settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero) -RestartCount 999 `
        -RestartInterval ([TimeSpan]::FromMinutes(1)) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
        -MultipleInstances IgnoreNew -StartWhenAvailable
    # In the user's own session, without the rights of an administrator: the agent needs the user's login and profile.
    $principal = New-ScheduledTaskPrincipal -UserId $RunnerUser -LogonType Interactive -RunLevel Limited
    [void](Register-ScheduledTask -TaskName $name -TaskPath '\Orchestrator\' -Action $action -Trigger $trigger `
            -Settings $settings -Principal $principal -Force)
    Start-ScheduledTask -TaskName $name -TaskPath '\Orchestrator\'
    if (-not (Wait-SiloReady $Data)) {
        Write-Warning "The runner does not answer yet. It starts when $RunnerUser logs on; the log: $log"
    }
}

if (-not (Test-Loopback $ClusterAddress)) {
    if (-not $AllowPlaintext) {
        throw "Silos would talk to each other over the network at $ClusterAddress in the clear. Encrypt that network (a VPN) and add -AllowPlaintext, or keep all silos on this machine."
    }
}
elseif ($RemoteAddress.Count -gt 0) {
    throw '-RemoteAddress is for a -ClusterAddress that other machines reach; this one is loopback.'
}
$controlData = [IO.Path]::Combine($DataFolder, 'control')
$runnerData = [IO.Path]::Combine($DataFolder, 'runner-' + ($RunnerUser -replace '[^A-Za-z0-9._-]', '-'))
if ($Role.Count -gt 1 -and -not $ConnectionString -and -not ((Test-Database $controlData) -and (Test-Database $runnerData))) {
    throw 'Two silos need a database that both reach: give -ConnectionString, or install one role.'
}
Test-Release $Source
$program = Copy-Release $Source $InstallFolder

$common = @{} + $Setting
if ($ConnectionString) {
    $common['Cluster__ConnectionString'] = [Net.NetworkCredential]::new('', $ConnectionString).Password
}
$common['Cluster__Address'] = $ClusterAddress
$common['Cluster__AllowPlaintext'] = if ($AllowPlaintext) { 'true' } else { 'false' }
Set-ClusterRule -Address $ClusterAddress -Port @($SiloPort, $RunnerSiloPort) -RemoteAddress $RemoteAddress

if ($Role -contains 'Control') {
    $values = $common + @{
        # Without a database a silo does both jobs, whatever this says.
        Cluster__Roles    = 'control'
        Cluster__SiloPort = $SiloPort
    }
    Install-ControlService $program $controlData $values
}
if ($Role -contains 'Runner') {
    $machine = [Environment]::MachineName -replace '[^A-Za-z0-9._-]', '-'
    $user = $RunnerUser.Split('\')[-1] -replace '[^A-Za-z0-9._-]', '-'
    $values = $common + @{
        Cluster__Roles    = 'runner'
        Cluster__SiloPort = $RunnerSiloPort
        Runner__Host      = "$machine-$user"
    }
    Install-Runner $program $runnerData $values
}
[pscustomobject]@{ Program = $program; CommandLine = [IO.Path]::Combine($program, 'orchestrator.exe'); Data = $DataFolder }
