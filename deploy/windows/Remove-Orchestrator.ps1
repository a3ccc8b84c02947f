#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Removes the control service, the runners at logon, the firewall rule and the programs. The data stays unless -RemoveData.
.EXAMPLE
.\Remove-Orchestrator.ps1 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [string]$InstallFolder = [IO.Path]::Combine($env:ProgramFiles, 'Orchestrator'),
    [string]$DataFolder = [IO.Path]::Combine($env:ProgramData, 'Orchestrator'),
    [ValidatePattern('^[A-Za-z0-9]{1,64}$')][string]$ServiceName = 'OrchestratorControl',
    # Also every task, result, log and setting. There is no way back but a backup.
    [switch]$RemoveData
)
. ([IO.Path]::Combine($PSScriptRoot, 'Orchestrator.Deploy.ps1'))

if (-not $PSCmdlet.ShouldProcess($InstallFolder, $(if ($RemoveData) { "Remove Orchestrator and all data in $DataFolder" } else { 'Remove Orchestrator' }))) {
    return
}
# Asked once, above.
$ConfirmPreference = 'None'

foreach ($task in @(Get-ScheduledTask -TaskPath '\Orchestrator\' -ErrorAction SilentlyContinue)) {
    Disable-ScheduledTask -InputObject $task | Out-Null
    # The runner's own program stops it: the task's end would be a kill.
    $action = @($task.Actions)[0]
    if ($action.Arguments -match '--data "([^"]+)"') {
        Stop-Silo ([IO.Path]::GetDirectoryName($action.Execute)) $Matches[1]
    }
    Unregister-ScheduledTask -InputObject $task
}
if (Get-Service -Name $ServiceName -ErrorAction SilentlyContinue) {
    Stop-ControlService $ServiceName
    Invoke-Program 'sc.exe' @('delete', $ServiceName)
}
Get-NetFirewallRule -DisplayName $script:FirewallRule -ErrorAction SilentlyContinue | Remove-NetFirewallRule
foreach ($folder in @($InstallFolder) + @(if ($RemoveData) { $DataFolder })) {
    if ([IO.Directory]::Exists($folder)) {
        [IO.Directory]::Delete($folder, $true)
    }
}
