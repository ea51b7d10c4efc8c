"""A program that uses LEIA's own Python SDK and knows of no leia-jobs but a base URL.

Arguments: base URL, API key, API key of an admin. Prints one JSON object with what the SDK made of each answer.
"""
import json
import sys
import time
from datetime import datetime, timedelta, timezone

from leiaapi.generated import ApiClient, Configuration
from leiaapi.generated.api import (
    ApplicationApi,
    DocumentApi,
    HealthApi,
    JobAdminApi,
    JobApi,
    ModelApi,
)
from leiaapi.generated.exceptions import ApiException, ForbiddenException, NotFoundException
from leiaapi.generated.models import (
    ApplyBody,
    ConditionalBody,
    FormatTypes,
    JobTypes,
    LoginBody,
    Statuses,
    TransformTypes,
)
from leiaapi.helpers.session import SessionManager

BASE, KEY, ADMIN_KEY = sys.argv[1:4]
seen = {}


def refused(kind, call):
    """The status and detail with which a call was refused."""
    try:
        call()
    except kind as error:
        return [error.status, bool(json.loads(error.body)['detail'])]
    return None


def undecodable(call):
    """With what a call ends whose answer this SDK cannot decode, whoever sends it (contract §3.11)."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return None


def session(key):
    manager = SessionManager(key, ApiClient(Configuration(host=BASE)))
    return manager.set_as_default().login()


def ended(api, token, job_id):
    """The whole Job once it has ended: this SDK cannot decode a result that is there."""
    while True:
        job = json.loads(api.get_job(token, job_id, _preload_content=False).data)
        if job['finished_time'] is not None:
            return job
        time.sleep(0.05)


me = session(KEY)
token, client = me.token, me.client
jobs, documents, models = JobApi(client), DocumentApi(client), ModelApi(client)
seen['application'] = [me.application.application_type, type(me.application).__name__]
seen['who_am_i'] = ApplicationApi(client).who_am_i(token).id == me.application.id
seen['health'] = HealthApi(client).health_check_with_http_info()[1]
seen['bad key'] = refused(
    ForbiddenException, lambda: ApplicationApi(client).login_application_post(LoginBody(api_key='none'))
)

document = documents.create_document(token, 'an invoice.pdf', b'%PDF-1.4 not much of one', tags=['t1', 't2'], ttl=600)
seen['document'] = [document.filename, document.extension, document.tags]
seen['contents'] = bytes(documents.get_document_contents(token, document.id)).decode()
seen['documents'] = [one.id == document.id for one in documents.get_documents(token, document_id=document.id)]
model = models.get_models(token)[0]
seen['model'] = models.get_model(token, model.id).id == model.id

pages = documents.transform_document_async(token, [document.id], TransformTypes.IMAGE, block_processing=True)
seen['blocked'] = [pages.status, pages.job_type, pages.result]
category = models.apply_model_async(
    token, model.id, [document.id], format_type=FormatTypes.CLASSIFICATION, execute_after_id=pages.id, page_range='0'
)
seen['waiting'] = [category.status, category.execute_after_id == pages.id]
chain = jobs.create_conditional_job(
    token,
    category.id,
    conditional_body=ConditionalBody(
        rules={
            'all': {
                'conditions': {'accuracy': [{'$gte': 0}]},
                'jobs': [{'job_type': 'transform', 'output_type': 'text', 'document_ids': [document.id]}],
            }
        }
    ),
)
seen['chain'] = chain.job_type
seen['started'] = jobs.start_job(token, pages.id).status in (Statuses.READY, Statuses.STARTING, Statuses.PROCESSING)
seen['pages'] = [ended(jobs, token, pages.id)[key] for key in ('status', 'result_type')]
seen['category'] = [ended(jobs, token, category.id)[key] for key in ('status', 'result_type')]
seen['results'] = undecodable(lambda: jobs.get_job(token, pages.id))
end = ended(jobs, token, chain.id)
seen['chain end'] = [end['status'], end['result_type'], list(end['result'])]

body = ApplyBody(format_type=FormatTypes.CLASSIFICATION, model_params={'threshold': 0.5}, block_processing=True)
blocked = models.apply_model_async(token, model.short_name or model.id, [document.id, document.id], apply_body=body)
seen['by body'] = [blocked.status, blocked.document_ids == [document.id] * 2]
query = models.apply_model_async(
    token, model.id, [document.id], model_params={'threshold': '0.5'}, priority=3, save_result=True, block_processing=True
)
seen['by query'] = query.status

now = datetime.now(timezone.utc)
listed = jobs.get_jobs(
    token,
    document_id=document.id,
    status=Statuses.BLOCKED,
    job_type=JobTypes.PREDICT,
    created_after=now - timedelta(hours=1),
    created_before=(now + timedelta(hours=1)).replace(tzinfo=None),
    sort='job_type,-creation_time',
    offset=0,
    limit=10,
)
seen['listed'] = [one.id for one in listed] == [query.id, blocked.id]
page = jobs.get_jobs_with_http_info(token, document_id=document.id, status=Statuses.BLOCKED, offset=1, limit=1)
seen['page'] = page[2]['Content-Range']
seen['children'] = [json.loads(jobs.get_jobs(token, parent_job_id=chain.id, _preload_content=False).data)[0]['status']]
seen['nothing listed'] = refused(NotFoundException, lambda: jobs.get_jobs(token, document_id=document.id, status=Statuses.FAILED))
statuses = jobs.get_job_statuses(token, [pages.id, blocked.id, pages.id], _preload_content=False)
seen['statuses'] = json.loads(statuses.data) == {pages.id: 'PROCESSED', blocked.id: 'BLOCKED'}

seen['cancelled'] = jobs.cancel_job_with_http_info(token, blocked.id)[1]
seen['cancelled twice'] = refused(NotFoundException, lambda: jobs.cancel_job(token, blocked.id))
seen['bad range'] = refused(
    ApiException,
    lambda: models.apply_model_async(token, model.id, [document.id], execute_after_id=pages.id, page_range='x'),
)
seen['unknown'] = refused(NotFoundException, lambda: jobs.get_job(token, '507f191e810c19729de86fff'))

admin = session(ADMIN_KEY)
as_admin = JobAdminApi(admin.client)
seen['admin'] = [
    as_admin.admin_get_job(admin.token, me.application.id, query.id).id == query.id,
    [one.id for one in as_admin.admin_get_jobs(admin.token, document_id=document.id, status=Statuses.BLOCKED)] == [query.id],
    as_admin.admin_start_job(admin.token, me.application.id, query.id).status != Statuses.BLOCKED,
]
seen['no admin'] = refused(ApiException, lambda: JobAdminApi(client).admin_get_jobs(token))

# A token that has ended: the SDK logs in again by itself, and asks once more.
me.set_as_default()
ApplicationApi(client).logout_application(token)
seen['logged in again'] = jobs.get_job(token, blocked.id).status
seen['another token'] = me.token != token
documents.delete_document(me.token, document.id)
admin.logout()
me.logout()
print(json.dumps(seen))
