DROP FUNCTION app_task_audience;
